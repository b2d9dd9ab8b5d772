import type { LatencyPercentiles } from './provider-metrics.interface.js';

/** How the timeline is cut: into steps of time, or into days and within each by provider or model. */
export type StatisticsGrouping = 'hour' | 'day' | 'month' | 'provider' | 'model';

/** What a report covers. Dates are whole days in `timezone`, both ends included; a date-time is exact. */
export interface StatisticsRequest {
  /** `YYYY-MM-DD` or RFC 3339; 30 days up to the end if left out. */
  startDate?: string;
  /** As `startDate`; today if left out. */
  endDate?: string;
  providerId?: string;
  /** `day` if left out. */
  groupBy?: StatisticsGrouping;
  /** IANA name; UTC if left out. */
  timezone?: string;
}

/** Which part of the timeline: `date` as the clocks of the time zone show it, `start` the same as an instant. */
export interface TimelineStep {
  date: string;
  start: string;
  /** With `groupBy=provider`. */
  providerId?: string;
  providerName?: string;
  /** With `groupBy=model`. */
  model?: string;
}

/** The same numbers over the whole range, by provider, by model and over time. Steps in which nothing was are left out. */
export interface Breakdown<Row> {
  /** First and last millisecond covered, ISO 8601. */
  startDate: string;
  endDate: string;
  byProvider: (Row & { providerId: string; providerName: string })[];
  byModel: (Row & { model: string })[];
  timeline: (Row & TimelineStep)[];
}

/** What callers got, each request once; their own errors and hang-ups are in none of it. */
export interface CallerOutcomes {
  /** Answered, by whatever provider or from the cache. */
  answered: number;
  /** Part of `answered`: by another provider after one had failed. */
  rescued: number;
  /** Got an error of a vendor's or of ours, those that found no provider to ask included. */
  failed: number;
}

/** What every report says of the callers; with `providerId` of those that it answered or failed last. */
export interface TellsCallers {
  callers: CallerOutcomes;
}

/** Requests are counted once for each provider they reached. */
export interface RequestCounts {
  totalRequests: number;
  successfulRequests: number;
  failedRequests: number;
  cachedRequests: number;
}

/** Requests and tokens. */
export interface UsageNumbers extends RequestCounts {
  /** Cached ones included. */
  promptTokens: number;
  /** Reasoning included. */
  completionTokens: number;
  totalTokens: number;
  cachedPromptTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  /** Requests of whose tokens nothing is known. */
  unknownUsageRequests: number;
}
export type UsageReport = UsageNumbers & TellsCallers & Breakdown<UsageNumbers>;

/** Money in one currency: summed exactly, then given as the nearest number. */
export interface CostNumbers {
  currency: string;
  /** For prompt tokens neither read from a vendor's cache nor written to it. */
  inputCost: number;
  cachedInputCost: number;
  cacheWriteCost: number;
  outputCost: number;
  totalCost: number;
}

/** `totals` has an entry a currency; the sums beside it are null where there is not exactly one, 0 without a request. */
export interface CostReport extends TellsCallers, Breakdown<CostNumbers> {
  totals: CostNumbers[];
  inputCost: number | null;
  cachedInputCost: number | null;
  cacheWriteCost: number | null;
  outputCost: number | null;
  totalCost: number | null;
  currency: string | null;
  /** Requests whose cost is not known: no price is known, or nothing is known of an answer's tokens. */
  unpricedRequests: number;
}

/** How fast and how well. Latencies are milliseconds, those of vendors; null where no request went to one. */
export interface PerformanceNumbers {
  totalRequests: number;
  averageLatency: number | null;
  latency: LatencyPercentiles;
  timeToFirstToken: number | null;
  /** 0–100. */
  successRate: number | null;
  /** 0–100. */
  errorRate: number | null;
  /** Averages over the time from the first to the last request, at least a minute; to hundredths. */
  throughput: { requestsPerMinute: number; tokensPerMinute: number };
}
export type PerformanceReport = PerformanceNumbers & TellsCallers & Breakdown<PerformanceNumbers>;

/** What became of requests. */
export interface RequestNumbers extends RequestCounts {
  /** Failed requests by the outcome of their last try on the provider. */
  failuresByOutcome: Record<string, number>;
  /** Took more than one try on the provider. */
  retriedRequests: number;
  /** Came after another provider had failed. */
  fallbackRequests: number;
  streamedRequests: number;
  recoveredRequests: number;
}
export interface RequestReport extends RequestNumbers, TellsCallers, Breakdown<RequestNumbers> {
  /**
   * Requests that failed by the code their callers got, each once, those that reached no provider too; with `providerId`
   * those that tried it last. A caller's own errors are not among them.
   */
  failuresByCode: Record<string, number>;
  /** Being answered now, by the replica that is asked. */
  inFlight: number;
  /** Waiting for a limit now, there. */
  queued: number;
}
