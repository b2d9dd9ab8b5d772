-- CreateTable
CREATE TABLE "AIFailure" (
    "grain" INTEGER NOT NULL,
    "span" TIMESTAMPTZ(3) NOT NULL,
    "providerId" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "AIFailure_pkey" PRIMARY KEY ("grain","span","providerId","code")
);

-- What the log still knows. By hand: Prisma writes no data.
INSERT INTO "AIFailure" ("grain", "span", "providerId", "code", "count")
SELECT "grain", date_trunc("unit", "endedAt", 'UTC'), coalesce("attempts" -> -1 ->> 'providerId', ''), "code", count(*)
  FROM "AIRequest", (VALUES (1, 'minute'), (60, 'hour'), (1440, 'day')) AS "length"("grain", "unit")
 WHERE "code" IN ('RATE_LIMITED', 'INTERNAL', 'ALL_PROVIDERS_FAILED', 'NO_PROVIDER_AVAILABLE', 'OVERLOADED',
                  'DATABASE_UNAVAILABLE', 'JOBS_UNAVAILABLE', 'SHUTTING_DOWN', 'DEADLINE_EXCEEDED')
 GROUP BY 1, 2, 3, 4;
