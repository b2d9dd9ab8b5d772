-- What the operator did not ask for is not sent. Numbers that are stored stay.
-- AlterTable
ALTER TABLE "AIProvider" ALTER COLUMN "maxTokens" DROP NOT NULL,
ALTER COLUMN "temperature" DROP NOT NULL;
