import type { AlertsConfig } from './alerts.config.js';
import type { AlertFinding, AlertSeverity } from '../interfaces/monitoring/alert.interface.js';
import type { CallerOutcomes } from '../interfaces/monitoring/statistics-report.interface.js';
import type { StatisticsCell } from '../statistics/statistics-cell.interface.js';
import {
  averageLatencyOf,
  costsOf,
  percentOf,
  requestsOf,
  aggregateOf,
} from '../statistics/statistics-aggregate.js';

/** What decides whether a rule holds. */
export type AlertThresholds = Pick<
  AlertsConfig,
  'errorRateCritical' | 'errorRateWarning' | 'latencyMs' | 'cost' | 'minRequests'
>;

/** What one provider did: in the last hour, and in this month. */
export interface ProviderRecord {
  providerId: string;
  providerName: string;
  lastHour: readonly StatisticsCell[];
  thisMonth: readonly StatisticsCell[];
  /** Requests of the last hour that found no provider to ask and skipped this one because of its circuit. */
  skippedByCircuit: number;
  /** Since when its circuit is open, in milliseconds up to now; null where it is not. */
  circuitOpenMs: number | null;
  /** Whether another active provider can be asked. */
  hasAlternative: boolean;
}

/** What callers got in the last hour. */
export interface ServiceRecord {
  callers: Pick<CallerOutcomes, 'answered' | 'failed'>;
  /** Part of `failed`: requests for which no provider was asked. */
  unanswered: number;
}

/** The rules that hold for a provider, at most one finding each. A threshold that is just met is not exceeded. */
export function judgeProvider(record: ProviderRecord, thresholds: AlertThresholds): AlertFinding[] {
  return [
    providerErrorRate(record, thresholds),
    averageLatency(record, thresholds),
    monthlyCost(record, thresholds),
    openCircuit(record),
  ].filter((finding) => finding !== null);
}

/** The rules that hold for the service as a whole: what its callers felt, whatever providers did. */
export function judgeService(
  { callers: { answered, failed }, unanswered }: ServiceRecord,
  thresholds: AlertThresholds,
): AlertFinding[] {
  const errorRate = errorRateOf('All providers together', null, failed, answered + failed, thresholds);
  return [errorRate, unansweredRequests(unanswered, answered + failed)].filter((finding) => finding !== null);
}

/** Requests that were never sent because of its circuit failed for their callers as those did that were. */
function providerErrorRate(
  { providerId, providerName, lastHour, skippedByCircuit }: ProviderRecord,
  thresholds: AlertThresholds,
): AlertFinding | null {
  const aggregate = aggregateOf(lastHour);
  const failed = aggregate.failed + skippedByCircuit;
  return errorRateOf(providerName, providerId, failed, requestsOf(aggregate) + skippedByCircuit, thresholds);
}

function errorRateOf(
  name: string,
  providerId: string | null,
  failed: number,
  requests: number,
  { errorRateCritical, errorRateWarning, minRequests }: AlertThresholds,
): AlertFinding | null {
  const value = percentOf(failed, requests);
  if (value === null || requests < minRequests) return null;
  const severity = value > errorRateCritical ? 'critical' : value > errorRateWarning ? 'warning' : null;
  if (severity === null) return null;
  const threshold = severity === 'critical' ? errorRateCritical : errorRateWarning;
  const message = `${name}: ${failed} of ${requests} requests failed in the last hour (${shown(value)} %, threshold ${threshold} %)`;
  return { type: 'error_rate', severity, providerId, message, value, threshold };
}

function averageLatency(
  { providerId, providerName, lastHour }: ProviderRecord,
  { latencyMs: threshold, minRequests }: AlertThresholds,
): AlertFinding | null {
  const aggregate = aggregateOf(lastHour);
  const value = averageLatencyOf(aggregate);
  if (value === null || requestsOf(aggregate) - aggregate.cached < minRequests || value <= threshold)
    return null;
  const message = `${providerName}: average latency of the last hour is ${shown(value)} ms (threshold ${threshold} ms)`;
  return { type: 'latency', severity: 'warning', providerId, message, value, threshold };
}

/** Where a provider was paid in several currencies, the one with the largest sum. */
function monthlyCost(
  { providerId, providerName, thisMonth }: ProviderRecord,
  { cost: threshold }: AlertThresholds,
): AlertFinding | null {
  const [highest] = costsOf(aggregateOf(thisMonth)).sort((left, right) => right.totalCost - left.totalCost);
  if (highest === undefined || highest.totalCost <= threshold) return null;
  const { totalCost: value, currency } = highest;
  const message = `${providerName}: cost of this month is ${shown(value)} ${currency} (threshold ${threshold})`;
  return { type: 'cost', severity: 'info', providerId, message, value, threshold };
}

/** Any time is too long, and where no other provider can be asked callers are affected. */
function openCircuit({
  providerId,
  providerName,
  circuitOpenMs: value,
  hasAlternative,
}: ProviderRecord): AlertFinding | null {
  if (value === null) return null;
  const severity: AlertSeverity = hasAlternative ? 'warning' : 'critical';
  const rest = hasAlternative ? 'other providers can be asked' : 'no other provider can be asked';
  const message = `${providerName}: its circuit has been open for ${shown(value / 1000)} s; ${rest}`;
  return { type: 'circuit_open', severity, providerId, message, value, threshold: 0 };
}

/** One is too many. */
function unansweredRequests(value: number, requests: number): AlertFinding | null {
  if (value === 0) return null;
  const severity: AlertSeverity = 2 * value > requests ? 'critical' : 'warning';
  const message = `${value} of ${requests} requests of the last hour found no provider to ask`;
  return { type: 'unanswered_requests', severity, providerId: null, message, value, threshold: 0 };
}

/** At most two decimals. */
function shown(value: number): string {
  return String(Math.round(value * 100) / 100);
}
