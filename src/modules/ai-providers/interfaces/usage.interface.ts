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
  /** Part of `completionTokens` spent on reasoning. */
  reasoningTokens?: number;
  source: 'reported' | 'estimated' | 'unknown';
}

/** What a vendor reported, normalised; a number it did not give is undefined, never 0. */
export interface ReportedUsage {
  promptTokens?: number;
  completionTokens?: number;
  cachedPromptTokens?: number;
  cacheWriteTokens?: number;
  reasoningTokens?: number;
}

/** Who named a price: the provider's operator, or the catalogue of the vendors' public prices. */
export type PriceSource = 'provider' | 'catalogue';

/** The prices that an answer is charged by. */
export interface ChargedPrices extends Pricing {
  source: PriceSource;
}

/** Money for one answer, computed in decimal. */
export interface Cost {
  input: number;
  output: number;
  total: number;
  currency: string;
  source: PriceSource;
}
