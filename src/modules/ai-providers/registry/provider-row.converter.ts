import { Prisma } from '../../../generated/prisma/client.js';
import type { AIProvider } from '../../../generated/prisma/client.js';
import type { PriceTier, Pricing, RateLimit, TokenPrices } from '../interfaces/ai-provider.interface.js';
import type { NewProviderRow, ProviderRow, ProviderRowChanges } from './provider-row.js';

/** The columns of a new row. */
export function toCreateInput(row: NewProviderRow): Prisma.AIProviderCreateManyInput {
  const { rateLimit, pricing, stopSequences, headerNames, ...columns } = row;
  return {
    ...columns,
    stopSequences: stopSequences ?? Prisma.DbNull,
    headerNames: headerNames ?? Prisma.DbNull,
    ...rateLimitColumns(rateLimit),
    ...pricingColumns(pricing),
  };
}

/** The columns that `changes` names; a field that is undefined counts as left out. */
export function toUpdateInput(changes: ProviderRowChanges): Prisma.AIProviderUpdateManyMutationInput {
  const { rateLimit, pricing, stopSequences, headerNames, ...columns } = changes;
  return {
    ...columns,
    ...(stopSequences !== undefined && { stopSequences: stopSequences ?? Prisma.DbNull }),
    ...(headerNames !== undefined && { headerNames: headerNames ?? Prisma.DbNull }),
    ...(rateLimit !== undefined && rateLimitColumns(rateLimit)),
    ...(pricing !== undefined && pricingColumns(pricing)),
  };
}

/** A row as the service reads it. */
export function toProviderRow(record: AIProvider): ProviderRow {
  const { requestsPerMinute, tokensPerMinute, inputTokenCost, outputTokenCost, currency, ...others } = record;
  const { cachedInputTokenCost, cacheWriteTokenCost, cacheWrite1hTokenCost, priceTiers, ...columns } = others;
  return {
    ...columns,
    stopSequences: readStrings(record.stopSequences),
    headerNames: readStrings(record.headerNames),
    rateLimit:
      requestsPerMinute === null || tokensPerMinute === null ? null : { requestsPerMinute, tokensPerMinute },
    pricing:
      inputTokenCost === null || outputTokenCost === null || currency === null
        ? null
        : {
            inputTokenCost: inputTokenCost.toNumber(),
            outputTokenCost: outputTokenCost.toNumber(),
            ...(cachedInputTokenCost && { cachedInputTokenCost: cachedInputTokenCost.toNumber() }),
            ...(cacheWriteTokenCost && { cacheWriteTokenCost: cacheWriteTokenCost.toNumber() }),
            ...(cacheWrite1hTokenCost && { cacheWrite1hTokenCost: cacheWrite1hTokenCost.toNumber() }),
            currency,
            // Written by us from the same type.
            ...(priceTiers !== null && { tiers: priceTiers as unknown as PriceTier[] }),
          },
  };
}

function rateLimitColumns(
  limit: RateLimit | null,
): Pick<Prisma.AIProviderCreateManyInput, 'requestsPerMinute' | 'tokensPerMinute'> {
  return {
    requestsPerMinute: limit?.requestsPerMinute ?? null,
    tokensPerMinute: limit?.tokensPerMinute ?? null,
  };
}

type PricingColumn = keyof TokenPrices | 'priceTiers' | 'currency';

function pricingColumns(pricing: Pricing | null): Pick<Prisma.AIProviderCreateManyInput, PricingColumn> {
  return {
    inputTokenCost: pricing?.inputTokenCost ?? null,
    outputTokenCost: pricing?.outputTokenCost ?? null,
    cachedInputTokenCost: pricing?.cachedInputTokenCost ?? null,
    cacheWriteTokenCost: pricing?.cacheWriteTokenCost ?? null,
    cacheWrite1hTokenCost: pricing?.cacheWrite1hTokenCost ?? null,
    priceTiers: (pricing?.tiers as unknown as Prisma.InputJsonArray | undefined) ?? Prisma.DbNull,
    currency: pricing?.currency ?? null,
  };
}

function readStrings(json: Prisma.JsonValue): string[] | null {
  return Array.isArray(json) ? json.filter((entry) => typeof entry === 'string') : null;
}
