import type { Feature } from '../feature.interface.js';

/** US dollars per million tokens, the vendor's standard tier. */
export interface KnownPrices {
  input: number;
  output: number;
  /** Read from the vendor's cache. */
  cachedInput?: number;
  /** Written to it for five minutes and for an hour, where that costs more than input. */
  cacheWrite?: number;
  cacheWrite1h?: number;
}

/** What a vendor's page says of a model when asked by its own API. */
export interface KnownModel extends KnownPrices {
  /** The name without a date or `latest`. */
  name: string;
  /** The prices of a whole request whose prompt has more tokens than that. */
  tiers?: readonly (KnownPrices & { abovePromptTokens: number })[];
  /** Largest prompt plus answer in tokens. */
  contextWindow: number;
  /** Tokens of an answer at most, where the vendor's page of models says so. */
  maxOutput?: number;
  /** What it cannot do that its vendor's dialect can carry. */
  lacks: readonly Feature[];
  /** Where that was read, and when. */
  source: string;
  asOf: string;
}
