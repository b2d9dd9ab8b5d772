import type { Decimal } from 'decimal.js';
import { Money } from '../accounting/money.js';
import type { LatencyPercentiles } from '../interfaces/monitoring/provider-metrics.interface.js';
import type { CostNumbers } from '../interfaces/monitoring/statistics-report.interface.js';
import type { LatencyHistogram, StatisticsCell } from '../interfaces/monitoring/statistics.interface.js';
import { countOfLatencies, merge, percentile } from '../ledger/rollups/latency-histogram.js';

/** Money in one currency, exact. */
interface Charged {
  input: Decimal;
  cachedInput: Decimal;
  cacheWrite: Decimal;
  output: Decimal;
}

const ZERO = new Money(0);
const NOTHING: Charged = { input: ZERO, cachedInput: ZERO, cacheWrite: ZERO, output: ZERO };

/** The sum of cells. */
export type Tally = Readonly<RunningTally>;

/**
 * Adds cells up, money in decimal and each currency for itself. Field by field, because a report adds up thousands of
 * cells: a loop over the names of the fields took thirty times as long.
 */
class RunningTally {
  successful = 0;
  failed = 0;
  retried = 0;
  fallbacks = 0;
  streamed = 0;
  recovered = 0;
  rescued = 0;
  cached = 0;
  promptTokens = 0;
  completionTokens = 0;
  cachedPromptTokens = 0;
  cacheWriteTokens = 0;
  reasoningTokens = 0;
  unknownUsage = 0;
  /** Requests without a price. */
  unpriced = 0;
  latencySum = 0;
  timeToFirstTokenSum = 0;
  timeToFirstTokenCount = 0;
  readonly failedByOutcome: Record<string, number> = {};
  latencies: LatencyHistogram = [];
  readonly costs = new Map<string, Charged>();
  firstUsedAt: Date | null = null;
  lastUsedAt: Date | null = null;
  /** Currency of the priced cell that was used last. */
  lastCurrency: string | null = null;

  add(cell: StatisticsCell): void {
    this.successful += cell.successful;
    this.failed += cell.failed;
    this.retried += cell.retried;
    this.fallbacks += cell.fallbacks;
    this.streamed += cell.streamed;
    this.recovered += cell.recovered;
    this.rescued += cell.rescued;
    this.cached += cell.cached;
    this.promptTokens += cell.promptTokens;
    this.completionTokens += cell.completionTokens;
    this.cachedPromptTokens += cell.cachedPromptTokens;
    this.cacheWriteTokens += cell.cacheWriteTokens;
    this.reasoningTokens += cell.reasoningTokens;
    this.unknownUsage += cell.unknownUsage;
    this.latencySum += cell.latencySum;
    this.timeToFirstTokenSum += cell.timeToFirstTokenSum;
    this.timeToFirstTokenCount += cell.timeToFirstTokenCount;
    for (const [outcome, count] of Object.entries(cell.failedByOutcome)) {
      this.failedByOutcome[outcome] = (this.failedByOutcome[outcome] ?? 0) + count;
    }
    if (this.firstUsedAt === null || cell.firstUsedAt < this.firstUsedAt) this.firstUsedAt = cell.firstUsedAt;
    if (cell.latencies.length > 0) this.latencies = merge(this.latencies, cell.latencies);
    if (cell.currency === null) this.unpriced += requestsOf(cell);
    else this.charge(cell.currency, cell);
  }

  private charge(currency: string, cell: StatisticsCell): void {
    const { inputCost, outputCost, cachedInputCost, cacheWriteCost } = cell;
    if (inputCost === null || outputCost === null) return;
    const known = this.costs.get(currency) ?? NOTHING;
    this.costs.set(currency, {
      input: known.input.add(inputCost),
      cachedInput: known.cachedInput.add(cachedInputCost ?? 0),
      cacheWrite: known.cacheWrite.add(cacheWriteCost ?? 0),
      output: known.output.add(outputCost),
    });
  }
}

/** The sum of `cells`. */
export function tallyOf(cells: readonly StatisticsCell[]): Tally {
  const tally = new RunningTally();
  for (const cell of cells) tally.add(cell);
  tally.lastUsedAt = latest(cells)?.lastUsedAt ?? null;
  tally.lastCurrency = latest(cells.filter(({ currency }) => currency !== null))?.currency ?? null;
  return tally;
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
    .map(([currency, { input, cachedInput, cacheWrite, output }]) => ({
      currency,
      inputCost: input.toNumber(),
      cachedInputCost: cachedInput.toNumber(),
      cacheWriteCost: cacheWrite.toNumber(),
      outputCost: output.toNumber(),
      totalCost: input.add(cachedInput).add(cacheWrite).add(output).toNumber(),
    }));
}
