import type { Pricing, TokenPrices } from '../interfaces/ai-provider.interface.js';
import type { Bill, ChargedPrices, Cost, ReportedUsage, TokenUsage } from '../interfaces/usage.interface.js';
import { countOf, isPlausible } from './plausible-count.js';
import { decimalText, spend, type Buckets } from './unit-prices.js';

type PromptParts = Pick<ReportedUsage, 'cachedPromptTokens' | 'cacheWriteTokens' | 'cacheWrite1hTokens'>;

/** What an answer of that usage is billed; null where the price, the prompt or the answer's size is not known. */
export function billOf(usage: TokenUsage, pricing: ChargedPrices | null): Bill | null {
  const { promptTokens, completionTokens } = usage;
  if (pricing === null || promptTokens === null || completionTokens === null) return null;
  return billFor(usage, promptTokens, completionTokens, pricing);
}

/**
 * What a failed try is billed: that which the vendor reported and nothing beside it, as it is unknown whether the rest is
 * charged for. Null where it reported nothing that can be believed, or the price is not known.
 */
export function billOfFailure(
  reported: ReportedUsage | undefined,
  pricing: ChargedPrices | null,
): Bill | null {
  if (pricing === null || reported === undefined) return null;
  const { promptTokens, completionTokens } = reported;
  if (!isPlausible(promptTokens) && !isPlausible(completionTokens)) return null;
  return billFor(reported, countOf(promptTokens), countOf(completionTokens), pricing);
}

/** A bill as answers show it. */
export function toCost(bill: Bill | null): Cost | null {
  if (bill === null) return null;
  const { input, cachedInput, cacheWrite, output, total, currency, source } = bill;
  const cost: Cost = {
    input: Number(input),
    output: Number(output),
    total: Number(total),
    currency,
    source,
  };
  if (cachedInput !== undefined) cost.cachedInput = Number(cachedInput);
  if (cacheWrite !== undefined) cost.cacheWrite = Number(cacheWrite);
  return cost;
}

/** The prices that hold for a request with such a prompt: those of the highest tier that it is above. */
export function pricesFor(pricing: Pricing, promptTokens: number): TokenPrices {
  let prices: TokenPrices = pricing;
  let above = -1;
  for (const tier of pricing.tiers ?? []) {
    if (promptTokens <= tier.abovePromptTokens || tier.abovePromptTokens <= above) continue;
    prices = tier;
    above = tier.abovePromptTokens;
  }
  return prices;
}

function billFor(
  parts: PromptParts,
  promptTokens: number,
  completionTokens: number,
  pricing: ChargedPrices,
): Bill {
  const tokens = bucketsOf(parts, promptTokens, completionTokens);
  const spent = spend(tokens, pricesFor(pricing, promptTokens));
  const { currency, source } = pricing;
  const { decimals } = spent;
  const bill: Bill = {
    input: decimalText(spent.input, decimals),
    output: decimalText(spent.output, decimals),
    total: decimalText(spent.total, decimals),
    currency,
    source,
  };
  if (tokens.read > 0) bill.cachedInput = decimalText(spent.read, decimals);
  if (tokens.written + tokens.writtenForAnHour > 0) bill.cacheWrite = decimalText(spent.written, decimals);
  return bill;
}

/** Where a vendor's parts are more than its whole, the whole is believed. */
function bucketsOf(parts: PromptParts, promptTokens: number, output: number): Buckets<number> {
  const read = Math.min(countOf(parts.cachedPromptTokens), promptTokens);
  const allWritten = Math.min(countOf(parts.cacheWriteTokens), promptTokens - read);
  const writtenForAnHour = Math.min(countOf(parts.cacheWrite1hTokens), allWritten);
  return {
    input: promptTokens - read - allWritten,
    read,
    written: allWritten - writtenForAnHour,
    writtenForAnHour,
    output,
  };
}
