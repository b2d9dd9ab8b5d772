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
  const { currency } = pricing;
  const { input, output, decimals } = wholePricesOf(pricing);
  const spent = { input: input * countOf(promptTokens), output: output * countOf(completionTokens) };
  const total = spent.input + spent.output;
  // What a double holds to the last digit needs no arithmetic on decimals.
  if (Number.isSafeInteger(total)) {
    return {
      input: decimalText(spent.input, decimals),
      output: decimalText(spent.output, decimals),
      total: decimalText(total, decimals),
      currency,
    };
  }
  const exact = {
    input: tokenCost(pricing.inputTokenCost, countOf(promptTokens)),
    output: tokenCost(pricing.outputTokenCost, countOf(completionTokens)),
  };
  return {
    input: exact.input.toFixed(),
    output: exact.output.toFixed(),
    total: exact.input.add(exact.output).toFixed(),
    currency,
  };
}

/** Prices of one token as whole numbers of the small unit that is the `decimals`th place behind the point. */
interface WholePrices {
  input: number;
  output: number;
  decimals: number;
}

/** A provider's prices live for many requests. */
const wholePrices = new WeakMap<Pricing, WholePrices>();

function wholePricesOf(pricing: Pricing): WholePrices {
  let prices = wholePrices.get(pricing);
  if (prices === undefined) {
    const input = tokenCost(pricing.inputTokenCost, 1);
    const output = tokenCost(pricing.outputTokenCost, 1);
    const decimals = Math.max(input.decimalPlaces(), output.decimalPlaces());
    const scale = new Money(10).pow(decimals);
    prices = { input: input.mul(scale).toNumber(), output: output.mul(scale).toNumber(), decimals };
    wholePrices.set(pricing, prices);
  }
  return prices;
}

/** So many units of the `decimals`th place, as `Decimal.toFixed` writes them. */
function decimalText(units: number, decimals: number): string {
  if (decimals === 0) return String(units);
  const digits = String(units).padStart(decimals + 1, '0');
  const fraction = digits.slice(-decimals).replace(/0+$/, '');
  const whole = digits.slice(0, -decimals);
  return fraction === '' ? whole : `${whole}.${fraction}`;
}

/** A count of tokens as a column takes it. */
export function countOf(tokens: number | null | undefined): number {
  return typeof tokens === 'number' && Number.isFinite(tokens) ? Math.max(0, Math.round(tokens)) : 0;
}
