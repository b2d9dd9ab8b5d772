import type { LatencyHistogram } from '../ledger/rollups/latency-histogram.js';
import type { Amount, Counter, Dimension, Duration, NumberGroup } from '../ledger/rollups/usage-columns.js';

/** A span of time: `from` belongs to it, `to` does not. */
export interface TimeRange {
  from: Date;
  to: Date;
}

/** The dimensions that identify a cell besides its step and currency. */
export type CellDimension = Exclude<Dimension, 'currency' | 'caller'>;

/** What statistics are asked for. */
export interface StatisticsQuery extends TimeRange {
  providerId?: string;
  /** One caller's part; of all callers, those without a name included, where none is named. */
  caller?: string;
  /** Into which steps of time the answer is cut; `total` is one step. */
  step: 'hour' | 'day' | 'month' | 'total';
  /** IANA name; decides where days and months begin. */
  timezone: string;
  /** By what else it is cut, `providerId` and `model` unless said otherwise; of the others a cell has the last in order. */
  by?: readonly CellDimension[];
  /** Which numbers are wanted besides those always there, all unless said otherwise; the others are 0, empty or null. */
  numbers?: readonly NumberGroup[];
}

/** Which failed requests are asked for: all, or those for which one provider was tried last. */
export interface FailuresQuery extends TimeRange {
  providerId?: string;
}

/**
 * What one provider did with one model in one step of time. Requests are counted once for each provider they reached:
 * `successful + failed` is their number. A caller's own mistakes and hang-ups are not among them, their tokens are.
 * Money is exact decimal text in `currency`, null where no price is known or it was not asked for; durations are milliseconds.
 */
export interface StatisticsCell
  extends Record<CellDimension, string>, Record<Counter | Duration, number>, Record<Amount, string | null> {
  /** Begin of the step. */
  step: Date;
  providerName: string;
  currency: string | null;
  /** Failed requests by the outcome of their last try on this provider. */
  failedByOutcome: Readonly<Record<string, number>>;
  latencies: LatencyHistogram;
  firstUsedAt: Date;
  lastUsedAt: Date;
}
