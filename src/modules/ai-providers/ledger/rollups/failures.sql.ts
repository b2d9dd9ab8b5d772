/** Adds rows to `AIFailure`; sorted as those of `AIUsage` are, so that no two that store lock each other out. */
export const ADD_FAILURES = `
  INSERT INTO "AIFailure" AS "known" ("grain", "span", "providerId", "code", "count")
  SELECT "grain", "span", "providerId", "code", "count" FROM jsonb_to_recordset($1::jsonb) AS "failure"(
         "grain" integer, "span" timestamptz, "providerId" text, "code" text, "count" bigint)
   ORDER BY "grain", "span", "providerId", "code"
  ON CONFLICT ("grain", "span", "providerId", "code") DO UPDATE SET "count" = "known"."count" + EXCLUDED."count"`;

/** What `SUM_FAILURES` gives. */
export interface FailureSum {
  code: string;
  count: number;
}

/**
 * Adds up the stored spans in $1, and for a part of a minute (`grain` 0) the requests themselves, those of the codes $3;
 * of the provider $2 or, where that is null, all. The OFFSETs keep the planner from turning few ranges into scans.
 */
export const SUM_FAILURES = `
  WITH "range" AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS "range"("grain" integer, "from" timestamptz, "to" timestamptz)
  ), "counted" AS (
    SELECT "stored"."providerId", "stored"."code", "stored"."count" FROM "range" CROSS JOIN LATERAL (
      SELECT * FROM "AIFailure" AS "failure"
       WHERE "failure"."grain" = "range"."grain"
         AND "failure"."span" >= "range"."from" AND "failure"."span" < "range"."to" OFFSET 0) AS "stored"
    UNION ALL
    SELECT coalesce("part"."attempts" -> -1 ->> 'providerId', ''), "part"."code", 1 FROM "range" CROSS JOIN LATERAL (
      SELECT * FROM "AIRequest" AS "request"
       WHERE "request"."endedAt" >= "range"."from" AND "request"."endedAt" < "range"."to"
         AND "request"."code" = ANY($3::text[]) OFFSET 0) AS "part"
     WHERE "range"."grain" = 0
  )
  SELECT "code", sum("count")::float8 AS "count" FROM "counted"
   WHERE $2::text IS NULL OR "providerId" = $2::text
   GROUP BY "code" ORDER BY "code"`;
