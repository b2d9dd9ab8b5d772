import { Decimal } from 'decimal.js';
import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { ChatMessage } from '../interfaces/message.interface.js';
import type { ChargedPrices, Cost, ReportedUsage, TokenUsage } from '../interfaces/usage.interface.js';
import type { ReadText, TokenCounter } from './ports.js';
import { textOf } from './to-provider-call.js';

/** Holds the product of any price (17 digits) and any count (16) whole, so that only the result is rounded, and once. */
const Exact = Decimal.clone({ precision: 64 });

/** Prices are per this many tokens. */
const PRICED_TOKENS = 1000;

/** Nothing is known: the counts are null, never 0. */
export const UNKNOWN_USAGE: TokenUsage = Object.freeze({
  promptTokens: null,
  completionTokens: null,
  totalTokens: null,
  source: 'unknown',
});

/**
 * The tokens of an answer: what the vendor reported, and where it left something out, our own count of the text. A
 * reported number is never replaced; a prompt that is not all text cannot be counted and stays unknown.
 */
export function usageOfAnswer(
  reported: ReportedUsage,
  call: ProviderCall,
  answer: ReadText,
  counter: TokenCounter,
): TokenUsage {
  if (reported.promptTokens !== undefined && reported.completionTokens !== undefined) {
    return withParts(reported, reported.promptTokens, reported.completionTokens, 'reported');
  }
  const promptTokens = reported.promptTokens ?? countPrompt(call, counter);
  const completionTokens = reported.completionTokens ?? counter.count(answer);
  return withParts(reported, promptTokens, completionTokens, promptTokens === null ? 'unknown' : 'estimated');
}

/**
 * The tokens of a try that gave no whole answer: what the vendor reported, and our count of the text that had come
 * before it broke off. Where neither is there, nothing is known.
 */
export function usageOfFailure(
  reported: ReportedUsage | undefined,
  call: ProviderCall,
  received: ReadText,
  counter: TokenCounter,
): TokenUsage {
  if (received.length > 0) return usageOfAnswer(reported ?? {}, call, received, counter);
  if (reported?.promptTokens === undefined && reported?.completionTokens === undefined) return UNKNOWN_USAGE;
  return withParts(reported, reported.promptTokens ?? null, reported.completionTokens ?? null, 'reported');
}

/** The price of `usage` by `pricing`, exact; null where either is unknown. */
export function costOf(usage: TokenUsage, pricing: ChargedPrices | null): Cost | null {
  if (pricing === null || usage.promptTokens === null || usage.completionTokens === null) return null;
  const { input, output, perUnit } = exactPrices(pricing);
  const { currency, source } = pricing;
  const spent = { input: input * usage.promptTokens, output: output * usage.completionTokens };
  const total = spent.input + spent.output;
  // One division of two exact numbers is rounded once, as IEEE 754 does it, which is all the rounding there may be.
  if (perUnit <= LARGEST_EXACT_POWER && Number.isSafeInteger(total)) {
    return {
      input: spent.input / perUnit,
      output: spent.output / perUnit,
      total: total / perUnit,
      currency,
      source,
    };
  }
  return decimalCost(usage.promptTokens, usage.completionTokens, pricing);
}

/** 10^22 is the last power of ten that a double holds exactly. */
const LARGEST_EXACT_POWER = 1e22;

/** Prices of one token as whole numbers of a common small unit. */
interface ExactPrices {
  input: number;
  output: number;
  /** How many of the small units make one of the currency: a power of ten. */
  perUnit: number;
}

/** Reading numbers as decimals costs more than the arithmetic, and a provider's prices live for many requests. */
const pricesKnown = new WeakMap<ChargedPrices, ExactPrices>();

function exactPrices(pricing: ChargedPrices): ExactPrices {
  let prices = pricesKnown.get(pricing);
  if (prices === undefined) {
    const input = new Exact(pricing.inputTokenCost);
    const output = new Exact(pricing.outputTokenCost);
    const scale = new Exact(10).pow(Math.max(input.decimalPlaces(), output.decimalPlaces()));
    prices = {
      input: input.mul(scale).toNumber(),
      output: output.mul(scale).toNumber(),
      perUnit: scale.mul(PRICED_TOKENS).toNumber(),
    };
    pricesKnown.set(pricing, prices);
  }
  return prices;
}

/** For prices of so many digits that their product with a count is no exact number. */
function decimalCost(
  promptTokens: number,
  completionTokens: number,
  { inputTokenCost, outputTokenCost, currency, source }: ChargedPrices,
): Cost {
  const input = new Exact(inputTokenCost).mul(promptTokens).div(PRICED_TOKENS);
  const output = new Exact(outputTokenCost).mul(completionTokens).div(PRICED_TOKENS);
  return {
    input: input.toNumber(),
    output: output.toNumber(),
    total: input.add(output).toNumber(),
    currency,
    source,
  };
}

function withParts(
  reported: ReportedUsage,
  promptTokens: number | null,
  completionTokens: number | null,
  source: TokenUsage['source'],
): TokenUsage {
  const usage: TokenUsage = {
    promptTokens,
    completionTokens,
    totalTokens: promptTokens === null || completionTokens === null ? null : promptTokens + completionTokens,
    source,
  };
  if (reported.cachedPromptTokens !== undefined) usage.cachedPromptTokens = reported.cachedPromptTokens;
  if (reported.cacheWriteTokens !== undefined) usage.cacheWriteTokens = reported.cacheWriteTokens;
  if (reported.reasoningTokens !== undefined) usage.reasoningTokens = reported.reasoningTokens;
  return usage;
}

function countPrompt(call: ProviderCall, counter: TokenCounter): number | null {
  if (call.messages.some(hasMedia)) return null;
  const texts = call.messages.map(({ content }) => textOf(content));
  if (call.system !== undefined) texts.unshift(call.system);
  return counter.count(texts.join('\n'));
}

function hasMedia({ content }: ChatMessage): boolean {
  return typeof content !== 'string' && content.some((part) => part.type !== 'text');
}
