/** A span of time: `from` belongs to it, `to` does not. */
export interface TimeRange {
  from: Date;
  to: Date;
}

/** Numbers of a cell that are asked for together; requests, successes, failures and cached answers are always there. */
export type CellNumbers = 'courses' | 'tokens' | 'money' | 'latencies';

/** What statistics are asked for. */
export interface StatisticsQuery extends TimeRange {
  providerId?: string;
  /** Into which steps of time the answer is cut; `total` is one step. */
  step: 'hour' | 'day' | 'month' | 'total';
  /** IANA name; decides where days and months begin. */
  timezone: string;
  /**
   * What a cell is of besides its step and currency: one provider with one model unless said otherwise. Where it is of
   * several, those names are the last in order.
   */
  of?: 'provider and model' | 'provider' | 'model' | 'all';
  /** Which numbers are wanted, all unless said otherwise; the others are not added up, and 0, empty or null. */
  numbers?: readonly CellNumbers[];
}

/** Which failed requests are asked for: all, or those for which one provider was tried last. */
export interface FailuresQuery extends TimeRange {
  providerId?: string;
}

/**
 * Counts of latencies by class. Class `i` holds what is at most `LATENCY_BOUNDS[i]` ms and more than the class before;
 * the last one holds the rest. Histograms are merged by adding class by class.
 */
export type LatencyHistogram = readonly number[];

/**
 * What one provider did with one model in one step of time. Requests are counted once for each provider they reached:
 * `successful + failed` is their number. A caller's own mistakes and hang-ups are not among them, their tokens are.
 */
export interface StatisticsCell {
  /** Begin of the step. */
  step: Date;
  providerId: string;
  providerName: string;
  model: string;
  successful: number;
  failed: number;
  /** Failed requests by the outcome of their last try on this provider. */
  failedByOutcome: Record<string, number>;
  /** Requests that took more than one try on this provider. */
  retried: number;
  /** Requests that came here after another provider had failed. */
  fallbacks: number;
  streamed: number;
  recovered: number;
  /** Requests that were answered here after another provider had failed. */
  rescued: number;
  cached: number;
  promptTokens: number;
  completionTokens: number;
  cachedPromptTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  /** Requests of whose tokens nothing is known. */
  unknownUsage: number;
  /** Disjoint parts, exact decimal text in `currency`; null where nobody named a price or asked for it. */
  inputCost: string | null;
  cachedInputCost: string | null;
  cacheWriteCost: string | null;
  outputCost: string | null;
  currency: string | null;
  /** Milliseconds, summed over all requests here but those that the cache answered. */
  latencySum: number;
  latencies: LatencyHistogram;
  /** Of streams: milliseconds to the first content, summed, and of how many. */
  timeToFirstTokenSum: number;
  timeToFirstTokenCount: number;
  firstUsedAt: Date;
  lastUsedAt: Date;
}
