import type { AIProviderConfig, CircuitState } from '../interfaces/ai-provider.interface.js';
import type { Fault } from '../interfaces/attempt.interface.js';
import type { ProviderMetrics } from '../interfaces/monitoring/provider-metrics.interface.js';
import type { StatisticsCell } from '../statistics/statistics-cell.interface.js';
import { termsOf } from '../models/provider-terms.js';
import type { ProbeCount } from './probe-counters.js';
import {
  averageLatencyOf,
  costsOf,
  percentilesOf,
  percentOf,
  requestsOf,
  aggregateOf,
  timeToFirstTokenOf,
  tokensOf,
  type Aggregate,
} from '../statistics/statistics-aggregate.js';

/** Faults by which a provider was not there; the others are an answer, if not the one that was wanted. */
const NOT_REACHED: readonly Fault[] = ['connection', 'server_error', 'malformed', 'truncated', 'timeout'];

/** What a provider's metrics are made of, beside what was counted. */
export interface MetricsInput {
  provider: AIProviderConfig;
  /** All cells of this provider, and only those. */
  cells: readonly StatisticsCell[];
  circuitState: CircuitState;
  probes: ProbeCount;
  /** Milliseconds in which its circuit was open. */
  circuitOpenMs: number;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The numbers of one provider. */
export function metricsOf(input: MetricsInput): ProviderMetrics {
  const { provider, cells, circuitState, probes, circuitOpenMs, now } = input;
  const aggregate = aggregateOf(cells);
  const requests = requestsOf(aggregate);
  return {
    providerId: provider.id,
    providerName: provider.name,
    totalRequests: requests,
    successfulRequests: aggregate.successful,
    failedRequests: aggregate.failed,
    cachedRequests: aggregate.cached,
    averageLatency: averageLatencyOf(aggregate) ?? 0,
    latency: percentilesOf(aggregate),
    timeToFirstToken: timeToFirstTokenOf(aggregate),
    totalTokensUsed: tokensOf(aggregate),
    ...moneyOf(aggregate, provider),
    errorRate: percentOf(aggregate.failed, requests) ?? 0,
    uptime: uptimeOf(aggregate, probes, openShareOf(provider, circuitOpenMs, now)),
    circuitState,
    circuitOpenMs,
    lastUsedAt: aggregate.lastUsedAt?.toISOString() ?? null,
  };
}

/** A provider whose currency was changed has several sums; shown is that of the currency used last. */
function moneyOf(
  aggregate: Aggregate,
  provider: AIProviderConfig,
): Pick<ProviderMetrics, 'totalCost' | 'currency'> {
  const sum = costsOf(aggregate).find(({ currency }) => currency === aggregate.lastCurrency);
  if (sum) return { totalCost: sum.totalCost, currency: sum.currency };
  return {
    totalCost: requestsOf(aggregate) === 0 ? 0 : null,
    currency: termsOf(provider).prices?.currency ?? null,
  };
}

/** Which part of the time since the provider was registered its circuit was open, 0 to 1. */
export function openShareOf({ createdAt }: AIProviderConfig, circuitOpenMs: number, now: number): number {
  const ageMs = Math.max(1, now - createdAt.getTime());
  return Math.min(1, circuitOpenMs / ageMs);
}

/**
 * Percent of requests and probes that the provider could be reached for, 100 where there was neither, in that part of the
 * time in which its circuit was not open; for the other part it is 0.
 */
export function uptimeOf(aggregate: Aggregate, { probes, healthy }: ProbeCount, openShare: number): number {
  const missed = NOT_REACHED.reduce((sum, fault) => sum + (aggregate.failedByOutcome[fault] ?? 0), 0);
  const tries = requestsOf(aggregate) + probes;
  const reached = percentOf(tries - missed - (probes - healthy), tries) ?? 100;
  return reached * (1 - openShare);
}
