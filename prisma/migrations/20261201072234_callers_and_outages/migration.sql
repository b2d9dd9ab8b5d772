-- AlterTable
ALTER TABLE "AIAlert" ALTER COLUMN "providerId" DROP NOT NULL;

-- AlterTable
ALTER TABLE "AIUsage" ADD COLUMN     "firstUsedAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
ADD COLUMN     "rescued" BIGINT NOT NULL DEFAULT 0;

-- By hand, since Prisma writes no data: what is stored says no more than in which span it was used.
UPDATE "AIUsage" SET "firstUsedAt" = "span";

-- CreateTable
CREATE TABLE "AICircuitSkip" (
    "span" TIMESTAMPTZ(3) NOT NULL,
    "providerId" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "AICircuitSkip_pkey" PRIMARY KEY ("span","providerId")
);

-- CreateTable
CREATE TABLE "AICircuitOutage" (
    "id" UUID NOT NULL,
    "providerId" TEXT NOT NULL,
    "openedAt" TIMESTAMPTZ(3) NOT NULL,
    "openUntil" TIMESTAMPTZ(3) NOT NULL,
    "closedAt" TIMESTAMPTZ(3),

    CONSTRAINT "AICircuitOutage_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "AICircuitOutage_providerId_openedAt_idx" ON "AICircuitOutage"("providerId", "openedAt");

-- CreateIndex
CREATE INDEX "AICircuitOutage_closedAt_idx" ON "AICircuitOutage"("closedAt");
