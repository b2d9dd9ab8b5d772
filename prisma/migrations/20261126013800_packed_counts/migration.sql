-- Counts by class become one whole number, twelve digits a class and the first in the lowest: such numbers are added up as
-- any other, where lists were taken apart and put together again. By hand: Prisma would drop the columns.
CREATE FUNCTION "AIUsage_packed"(INTEGER[]) RETURNS DECIMAL LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(string_agg(lpad("count"::text, 12, '0'), '' ORDER BY "place" DESC), '0')::decimal
    FROM unnest($1) WITH ORDINALITY AS "class"("count", "place")
$$;

ALTER TABLE "AIUsage"
  ALTER COLUMN "failures" TYPE DECIMAL(1000,0) USING "AIUsage_packed"("failures"),
  ALTER COLUMN "failures" SET NOT NULL,
  ALTER COLUMN "latencies" TYPE DECIMAL(1000,0) USING "AIUsage_packed"("latencies"),
  ALTER COLUMN "latencies" SET NOT NULL;

DROP FUNCTION "AIUsage_packed"(INTEGER[]);
DROP FUNCTION "AIUsage_add"(INTEGER[], INTEGER[]);
