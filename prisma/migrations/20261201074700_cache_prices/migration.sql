-- Prices of tokens that are read from a vendor's cache or written to it, and of long prompts; and what those tokens cost. Before
-- this they were charged as input, and are in its sums.
ALTER TABLE "AIProvider"
  ADD COLUMN "cachedInputTokenCost" DECIMAL(65,30),
  ADD COLUMN "cacheWriteTokenCost" DECIMAL(65,30),
  ADD COLUMN "cacheWrite1hTokenCost" DECIMAL(65,30),
  ADD COLUMN "priceTiers" JSONB;

ALTER TABLE "AIUsage"
  ADD COLUMN "cacheWriteTokens" BIGINT NOT NULL DEFAULT 0,
  ADD COLUMN "cachedInputCost" DECIMAL(65,30) NOT NULL DEFAULT 0,
  ADD COLUMN "cacheWriteCost" DECIMAL(65,30) NOT NULL DEFAULT 0;
