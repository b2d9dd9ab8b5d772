-- AlterTable
ALTER TABLE "AIProvider" ADD COLUMN     "authHeader" TEXT NOT NULL DEFAULT 'bearer',
ADD COLUMN     "encryptedHeaders" TEXT,
ADD COLUMN     "headerNames" JSONB,
ADD COLUMN     "purgedAt" TIMESTAMPTZ(3);
