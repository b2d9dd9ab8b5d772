import { Decimal } from 'decimal.js';
import type { LatencyPercentiles } from '../interfaces/provider-metrics.interface.js';
import type { CostNumbers } from '../interfaces/statistics-report.interface.js';
import type { LatencyHistogram, StatisticsCell } from '../interfaces/statistics.interface.js';
import { emptyHistogram, percentile } from '../persistence/latency-histogram.js';

/** Wide enough that sums of stored costs are never rounded. */
const Money = Decimal.clone({ precision: 100 });

const COUNTS = [
  'successful',
  'failed',
  'retried',
  'fallbacks',
  'streamed',
  'recovered',
  'cached',
  'unknownUsage',
  'latencySum',
  'timeToFirstTokenSum',
  'timeToFirstTokenCount',
] as const;
const TOKENS = ['promptTokens', 'completionTokens', 'cachedPromptTokens', 'reasoningTokens'] as const;

type Counts = Record<(typeof COUNTS)[number], number>;
type Tokens = Record<(typeof TOKENS)[number], bigint>;

/** The sum of cells. */
export interface Tally extends Readonly<Counts>, Readonly<Tokens> {
  readonly failedByOutcome: Readonly<Record<string, number>>;
  readonly latencies: LatencyHistogram;
  /** Exact, by currency. */
  readonly costs: ReadonlyMap<string, { input: Decimal; output: Decimal }>;
  /** Requests without a price. */
  readonly unpriced: number;
  readonly lastUsedAt: Date | null;
  /** Currency of the priced cell that was used last. */
  readonly lastCurrency: string | null;
}

/** Adds cells up, money in decimal and each currency for itself. */
export function tallyOf(cells: readonly StatisticsCell[]): Tally {
  const sums = nothing();
  const costs = new Map<string, { input: Decimal; output: Decimal }>();
  const failedByOutcome: Record<string, number> = {};
  const latencies = cells.some((cell) => cell.latencies.length > 0) ? emptyHistogram() : [];
  let unpriced = 0;
  for (const cell of cells) {
    for (const field of COUNTS) sums[field] += cell[field];
    for (const field of TOKENS) sums[field] += cell[field];
    for (const [outcome, count] of Object.entries(cell.failedByOutcome)) {
      failedByOutcome[outcome] = (failedByOutcome[outcome] ?? 0) + count;
    }
    for (let place = 0; place < latencies.length; place += 1) {
      latencies[place] = (latencies[place] ?? 0) + (cell.latencies[place] ?? 0);
    }
    if (cell.currency === null) unpriced += requestsOf(cell);
    else charge(costs, cell.currency, cell);
  }
  return {
    ...sums,
    costs,
    failedByOutcome,
    latencies,
    unpriced,
    lastUsedAt: latest(cells)?.lastUsedAt ?? null,
    lastCurrency: latest(cells.filter(({ currency }) => currency !== null))?.currency ?? null,
  };
}

function charge(
  costs: Map<string, { input: Decimal; output: Decimal }>,
  currency: string,
  { inputCost, outputCost }: StatisticsCell,
): void {
  const { input, output } = costs.get(currency) ?? { input: new Money(0), output: new Money(0) };
  costs.set(currency, { input: input.add(inputCost ?? 0), output: output.add(outputCost ?? 0) });
}

function nothing(): Counts & Tokens {
  return {
    successful: 0,
    failed: 0,
    retried: 0,
    fallbacks: 0,
    streamed: 0,
    recovered: 0,
    cached: 0,
    unknownUsage: 0,
    latencySum: 0,
    timeToFirstTokenSum: 0,
    timeToFirstTokenCount: 0,
    promptTokens: 0n,
    completionTokens: 0n,
    cachedPromptTokens: 0n,
    reasoningTokens: 0n,
  };
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
  return Number(promptTokens + completionTokens);
}

/** `part` of `whole` in percent; null where there is no whole. */
export function percentOf(part: number, whole: number): number | null {
  return whole === 0 ? null : (part / whole) * 100;
}

export function averageLatencyOf(tally: Tally): number | null {
  return requestsOf(tally) === 0 ? null : tally.latencySum / requestsOf(tally);
}

export function timeToFirstTokenOf({ timeToFirstTokenSum, timeToFirstTokenCount }: Tally): number | null {
  return timeToFirstTokenCount === 0 ? null : timeToFirstTokenSum / timeToFirstTokenCount;
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
    .map(([currency, { input, output }]) => ({
      currency,
      inputCost: input.toNumber(),
      outputCost: output.toNumber(),
      totalCost: input.add(output).toNumber(),
    }));
}
