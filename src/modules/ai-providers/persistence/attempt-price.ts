import { Decimal } from 'decimal.js';
import type { Pricing } from '../interfaces/ai-provider.interface.js';
import type { TokenUsage } from '../interfaces/usage.interface.js';

/** Prices are per this many tokens. */
const PRICED_TOKENS = 1000;

/** Wide enough that a price of 17 digits times any count of tokens, added up, is never rounded. */
export const Money = Decimal.clone({ precision: 100 });

/** What a try cost, in exact decimal text. */
export interface AttemptPrice {
  input: string;
  output: string;
  total: string;
  currency: string;
}

/** The cost of `tokens` at a price, exact. */
export function tokenCost(price: number, tokens: number): Decimal {
  return new Money(price).mul(tokens).div(PRICED_TOKENS);
}

/** The cost of a try, as the roll-ups add it up: tokens nobody knows add nothing. Null without a price or any count. */
export function priceOf(usage: TokenUsage, pricing: Pricing | null): AttemptPrice | null {
  const { promptTokens, completionTokens } = usage;
  if (pricing === null || (promptTokens === null && completionTokens === null)) return null;
  const input = tokenCost(pricing.inputTokenCost, countOf(promptTokens));
  const output = tokenCost(pricing.outputTokenCost, countOf(completionTokens));
  return {
    input: input.toFixed(),
    output: output.toFixed(),
    total: input.add(output).toFixed(),
    currency: pricing.currency,
  };
}

/** A count of tokens as a column takes it. */
export function countOf(tokens: number | null | undefined): number {
  return typeof tokens === 'number' && Number.isFinite(tokens) ? Math.max(0, Math.round(tokens)) : 0;
}
