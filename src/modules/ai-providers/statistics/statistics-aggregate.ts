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

type SumName = Counter | Duration;

/** Sums in the order of `SUM_NAMES`, to be read by name. */
class ListedSums {
  constructor(readonly sums: readonly number[]) {}
}
SUM_NAMES.forEach((name, place) =>
  Object.defineProperty(ListedSums.prototype, name, {
    get(this: ListedSums) {
      return this.sums[place];
    },
  }),
);
// A report adds up thousands of cells: objects that get a property a column took twenty times as long.
const NamedSums = ListedSums as unknown as new (sums: readonly number[]) => Readonly<Record<SumName, number>>;

/** The sum of cells. */
export class Aggregate extends NamedSums {
  /** Requests without a price. */
  unpriced = 0;
  failedByOutcome: Readonly<Record<string, number>> = {};
  latencies: LatencyHistogram = [];
  readonly costs = new Map<string, Charged>();
  firstUsedAt: Date | null = null;
  lastUsedAt: Date | null = null;
  /** Currency of the priced cell that was used last. */
  lastCurrency: string | null = null;
}

const ZERO = new Money(0);
const NO_MONEY = Object.fromEntries(AMOUNT_NAMES.map((name) => [name, ZERO])) as Charged;

/** The sum of `cells`, money in decimal and each currency for itself. */
export function aggregateOf(cells: readonly StatisticsCell[]): Aggregate {
  const sums = new Array<number>(SUM_NAMES.length).fill(0);
  const aggregate = new Aggregate(sums);
  for (const cell of cells) {
    for (const [place, name] of SUM_NAMES.entries()) sums[place] = (sums[place] ?? 0) + cell[name];
    aggregate.failedByOutcome = addByName(aggregate.failedByOutcome, cell.failedByOutcome);
    if (aggregate.firstUsedAt === null || cell.firstUsedAt < aggregate.firstUsedAt)
      aggregate.firstUsedAt = cell.firstUsedAt;
    if (cell.latencies.length > 0) aggregate.latencies = addCounts(aggregate.latencies, cell.latencies);
    if (cell.currency === null) aggregate.unpriced += requestsOf(cell);
    else charge(aggregate.costs, cell.currency, cell);
  }
  aggregate.lastUsedAt = latest(cells)?.lastUsedAt ?? null;
  aggregate.lastCurrency = latest(cells.filter(({ currency }) => currency !== null))?.currency ?? null;
  return aggregate;
}

function addByName(
  known: Readonly<Record<string, number>>,
  more: Readonly<Record<string, number>>,
): typeof known {
  const names = Object.keys(more);
  if (names.length === 0) return known;
  const sums = new Map(Object.entries(known));
  for (const name of names) sums.set(name, (sums.get(name) ?? 0) + (more[name] ?? 0));
  return Object.fromEntries(sums);
}

function charge(costs: Map<string, Charged>, currency: string, cell: StatisticsCell): void {
  if (cell.inputCost === null || cell.outputCost === null) return;
  const sum = { ...(costs.get(currency) ?? NO_MONEY) };
  for (const name of AMOUNT_NAMES) if (cell[name] !== '0') sum[name] = sum[name].add(cell[name] ?? 0);
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
export function requestsOf({ successful, failed }: Pick<Aggregate, 'successful' | 'failed'>): number {
  return successful + failed;
}

/** Tokens of prompts and answers. */
export function tokensOf({ promptTokens, completionTokens }: Aggregate): number {
  return promptTokens + completionTokens;
}

/** `part` of `whole` in percent; null where there is no whole. */
export function percentOf(part: number, whole: number): number | null {
  return whole === 0 ? null : (part / whole) * 100;
}

/** Over the requests that went to a vendor: what the cache answered has no latency here. */
export function averageLatencyOf({ latencySum, latencies }: Aggregate): number | null {
  const count = countOfLatencies(latencies);
  return count === 0 ? null : latencySum / count;
}

/** From the first to the last request, in milliseconds; 0 where there was none. */
export function trafficTimeOf({ firstUsedAt, lastUsedAt }: Aggregate): number {
  return firstUsedAt && lastUsedAt ? Math.max(0, lastUsedAt.getTime() - firstUsedAt.getTime()) : 0;
}

export function timeToFirstTokenOf({ firstTokenSum, firstTokenCount }: Aggregate): number | null {
  return firstTokenCount === 0 ? null : firstTokenSum / firstTokenCount;
}

export function percentilesOf({ latencies }: Aggregate): LatencyPercentiles {
  return {
    p50: percentile(latencies, 50),
    p95: percentile(latencies, 95),
    p99: percentile(latencies, 99),
  };
}

/** An entry a currency, in order of its code. */
export function costsOf({ costs }: Aggregate): CostNumbers[] {
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
