import type { Pricing } from './ai-provider.interface.js';

/**
 * Tokens of one answer. `source` is `reported` where the vendor said all of it, `estimated` where a tokenizer filled
 * in what the vendor left out, `unknown` where nothing can be said: then the counts are null, never 0.
 */
export interface TokenUsage {
  /** All tokens of the prompt, cached ones included, for every vendor. */
  promptTokens: number | null;
  /** All tokens of the answer, reasoning included, for every vendor. */
  completionTokens: number | null;
  totalTokens: number | null;
  /** Part of `promptTokens` read from the vendor's cache. */
  cachedPromptTokens?: number;
  /** Part of `promptTokens` written to the vendor's cache. */
  cacheWriteTokens?: number;
  /** Part of `cacheWriteTokens` written for an hour. */
  cacheWrite1hTokens?: number;
  /** Part of `completionTokens` spent on reasoning. */
  reasoningTokens?: number;
  source: 'reported' | 'estimated' | 'unknown';
}

/**
 * What a vendor reported, normalised; a number it did not give is undefined, never 0. Null is a number that it gave and that
 * can be no count: it is not known, and nothing of ours stands in for it.
 */
export interface ReportedUsage {
  promptTokens?: number | null;
  completionTokens?: number | null;
  cachedPromptTokens?: number;
  cacheWriteTokens?: number;
  cacheWrite1hTokens?: number;
  reasoningTokens?: number;
}

/** Who named a price: the provider's operator, or the catalogue of the vendors' public prices. */
export type PriceSource = 'provider' | 'catalogue';

/** The prices that an answer is charged by. */
export interface ChargedPrices extends Pricing {
  source: PriceSource;
}

/** What of a bill there is a sum for: disjoint parts, and `total` of all of them. */
interface Amounts<Amount> {
  /** For prompt tokens that were neither read from the vendor's cache nor written to it. */
  input: Amount;
  /** Where some were read from it. */
  cachedInput?: Amount;
  /** Where some were written to it. */
  cacheWrite?: Amount;
  output: Amount;
  total: Amount;
  currency: string;
  source: PriceSource;
}

/** What one try is billed, in exact decimal text: the one sum that answers, log, metrics and alerts go by. */
export type Bill = Amounts<string>;

/** A bill as answers show it: each sum as the nearest number. */
export type Cost = Amounts<number>;
