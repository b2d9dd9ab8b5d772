import type { Decimal } from 'decimal.js';
import { Money } from '../accounting/money.js';
import type { LatencyPercentiles } from '../interfaces/monitoring/provider-metrics.interface.js';
import type { CostNumbers } from '../interfaces/monitoring/statistics-report.interface.js';
import type { StatisticsCell } from './statistics-cell.interface.js';
import {
  addCounts,
  countOfLatencies,
  percentile,
  type LatencyHistogram,
} from '../ledger/rollups/latency-histogram.js';
import { AMOUNT_NAMES, type Amount, type Counter, type Duration } from '../ledger/rollups/usage-columns.js';
import { SUM_NAMES } from '../ledger/rollups/usage-row.js';

/** Money in one currency, exact. */
type Charged = Record<Amount, Decimal>;

/** The sum of cells. */
export interface Tally extends Readonly<Record<Counter | Duration, number>> {
  /** Requests without a price. */
  readonly unpriced: number;
  readonly failedByOutcome: Readonly<Record<string, number>>;
  readonly latencies: LatencyHistogram;
  readonly costs: ReadonlyMap<string, Charged>;
  readonly firstUsedAt: Date | null;
  readonly lastUsedAt: Date | null;
  /** Currency of the priced cell that was used last. */
  readonly lastCurrency: string | null;
}

const ZERO = new Money(0);
const NO_SUMS = Object.fromEntries(SUM_NAMES.map((name) => [name, 0])) as Record<Counter | Duration, number>;
const NO_MONEY = Object.fromEntries(AMOUNT_NAMES.map((name) => [name, ZERO])) as Charged;

/** The sum of `cells`, money in decimal and each currency for itself. */
export function tallyOf(cells: readonly StatisticsCell[]): Tally {
  const sums = { ...NO_SUMS };
  const failures = new Map<string, number>();
  const costs = new Map<string, Charged>();
  let latencies: LatencyHistogram = [];
  let unpriced = 0;
  let firstUsedAt: Date | null = null;
  for (const cell of cells) {
    for (const name of SUM_NAMES) sums[name] += cell[name];
    for (const [outcome, count] of Object.entries(cell.failedByOutcome)) {
      failures.set(outcome, (failures.get(outcome) ?? 0) + count);
    }
    if (firstUsedAt === null || cell.firstUsedAt < firstUsedAt) firstUsedAt = cell.firstUsedAt;
    if (cell.latencies.length > 0) latencies = addCounts(latencies, cell.latencies);
    if (cell.currency === null) unpriced += requestsOf(cell);
    else charge(costs, cell.currency, cell);
  }
  return Object.assign(sums, {
    unpriced,
    failedByOutcome: Object.fromEntries(failures),
    latencies,
    costs,
    firstUsedAt,
    lastUsedAt: latest(cells)?.lastUsedAt ?? null,
    lastCurrency: latest(cells.filter(({ currency }) => currency !== null))?.currency ?? null,
  });
}

function charge(costs: Map<string, Charged>, currency: string, cell: StatisticsCell): void {
  if (cell.inputCost === null || cell.outputCost === null) return;
  const sum = { ...(costs.get(currency) ?? NO_MONEY) };
  for (const name of AMOUNT_NAMES) sum[name] = sum[name].add(cell[name] ?? 0);
  costs.set(currency, sum);
}

/** The cell that was used last; of several at once the one whose currency comes first, whatever order they come in. */
export function latest(cells: readonly StatisticsCell[]): StatisticsCell | undefined {
  return cells.reduce<StatisticsCell | undefined>(
    (last, cell) => (last === undefined || isLater(cell, last) ? cell : last),
    undefined,
  );
}

function isLater(one: StatisticsCell, other: StatisticsCell): boolean {
  const difference = one.lastUsedAt.getTime() - other.lastUsedAt.getTime();
  return difference === 0 ? (one.currency ?? '') < (other.currency ?? '') : difference > 0;
}

/** Requests that reached a provider. */
export function requestsOf({ successful, failed }: Pick<Tally, 'successful' | 'failed'>): number {
  return successful + failed;
}

/** Tokens of prompts and answers. */
export function tokensOf({ promptTokens, completionTokens }: Tally): number {
  return promptTokens + completionTokens;
}

/** `part` of `whole` in percent; null where there is no whole. */
export function percentOf(part: number, whole: number): number | null {
  return whole === 0 ? null : (part / whole) * 100;
}

/** Over the requests that went to a vendor: what the cache answered has no latency here. */
export function averageLatencyOf({ latencySum, latencies }: Tally): number | null {
  const count = countOfLatencies(latencies);
  return count === 0 ? null : latencySum / count;
}

/** From the first to the last request, in milliseconds; 0 where there was none. */
export function trafficTimeOf({ firstUsedAt, lastUsedAt }: Tally): number {
  return firstUsedAt && lastUsedAt ? Math.max(0, lastUsedAt.getTime() - firstUsedAt.getTime()) : 0;
}

export function timeToFirstTokenOf({ firstTokenSum, firstTokenCount }: Tally): number | null {
  return firstTokenCount === 0 ? null : firstTokenSum / firstTokenCount;
}

export function percentilesOf({ latencies }: Tally): LatencyPercentiles {
  return {
    p50: percentile(latencies, 50),
    p95: percentile(latencies, 95),
    p99: percentile(latencies, 99),
  };
}

/** An entry a currency, in order of its code. */
export function costsOf({ costs }: Tally): CostNumbers[] {
  return [...costs]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([currency, sums]) => ({
      currency,
      ...(Object.fromEntries(AMOUNT_NAMES.map((name) => [name, sums[name].toNumber()])) as Record<
        Amount,
        number
      >),
      totalCost: AMOUNT_NAMES.reduce((total, name) => total.add(sums[name]), ZERO).toNumber(),
    }));
}
