-- What a request asked for, and usage by caller. What is stored was chat; its rows are those of all callers together.
ALTER TABLE "AIRequest" ADD COLUMN "operation" TEXT NOT NULL DEFAULT 'chat';

ALTER TABLE "AIUsage"
  ADD COLUMN "operation" TEXT NOT NULL DEFAULT 'chat',
  ADD COLUMN "caller" TEXT NOT NULL DEFAULT '',
  DROP CONSTRAINT "AIUsage_pkey",
  ADD CONSTRAINT "AIUsage_pkey"
    PRIMARY KEY ("grain", "caller", "span", "providerId", "model", "currency", "operation");

-- Counts by class were packed into one number, twelve digits a class and the first in the lowest; they become lists. By hand:
-- Prisma would drop the columns.
CREATE FUNCTION "AIUsage_unpacked"(DECIMAL) RETURNS INTEGER[] LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN $1 = 0 THEN '{}' ELSE ARRAY(
    SELECT least(substr("padded", length("padded") - 12 * "class" + 1, 12)::bigint, 2147483647)::integer
      FROM (SELECT lpad($1::text, 12 * ceil(length($1::text) / 12.0)::integer, '0') AS "padded") AS "digits",
           generate_series(1, length("padded") / 12) AS "class"
     ORDER BY "class") END
$$;

ALTER TABLE "AIUsage"
  ALTER COLUMN "failures" TYPE INTEGER[] USING "AIUsage_unpacked"("failures"),
  ALTER COLUMN "latencies" TYPE INTEGER[] USING "AIUsage_unpacked"("latencies");

DROP FUNCTION "AIUsage_unpacked"(DECIMAL);
