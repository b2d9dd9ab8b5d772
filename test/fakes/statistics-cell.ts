import fc from 'fast-check';
import type { StatisticsCell } from '../../src/modules/ai-providers/statistics/statistics-cell.interface.js';
import {
  emptyHistogram,
  latencyClass,
} from '../../src/modules/ai-providers/ledger/rollups/latency-histogram.js';

/** A cell in which nothing happened, but what is said. */
export function cellOf(said: Partial<StatisticsCell> = {}): StatisticsCell {
  return {
    step: new Date('2026-11-22T00:00:00Z'),
    providerId: 'p1',
    providerName: 'One',
    model: 'm1',
    operation: 'chat',
    successful: 0,
    failed: 0,
    failedByOutcome: {},
    retried: 0,
    fallbacks: 0,
    streamed: 0,
    recovered: 0,
    rescued: 0,
    cached: 0,
    promptTokens: 0,
    completionTokens: 0,
    cachedPromptTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    unknownUsage: 0,
    inputCost: null,
    cachedInputCost: null,
    cacheWriteCost: null,
    outputCost: null,
    currency: null,
    latencySum: 0,
    latencies: emptyHistogram(),
    firstTokenSum: 0,
    firstTokenCount: 0,
    firstUsedAt: new Date('2026-11-22T11:00:00Z'),
    lastUsedAt: new Date('2026-11-22T12:00:00Z'),
    ...said,
  };
}

/** A histogram of these latencies in milliseconds. */
export function histogramOf(...latencies: number[]): number[] {
  const counts = emptyHistogram();
  for (const ms of latencies) counts[latencyClass(ms)] = (counts[latencyClass(ms)] ?? 0) + 1;
  return counts;
}

const count = fc.integer({ min: 0, max: 50 });
const tokens = fc.integer({ min: 0, max: 10 ** 12 });
/** An amount of up to nine decimals as exact text. */
const amount = fc.tuple(fc.nat(1_000_000), fc.nat(999_999_999)).map(([whole, part]) => `${whole}.${part}`);

/** Cells of a few providers, models, currencies and days. */
export const anyCell: fc.Arbitrary<StatisticsCell> = fc
  .record({
    day: fc.integer({ min: 1, max: 9 }),
    provider: fc.constantFrom('p1', 'p2', 'p3'),
    model: fc.constantFrom('m1', 'm2'),
    successful: count,
    outcomes: fc.dictionary(fc.constantFrom('server_error', 'timeout', 'authentication'), count),
    promptTokens: tokens,
    completionTokens: tokens,
    money: fc.option(
      fc.record({ currency: fc.constantFrom('EUR', 'USD'), inputCost: amount, outputCost: amount }),
    ),
    latencies: fc.array(fc.integer({ min: 0, max: 90_000 }), { maxLength: 5 }),
  })
  .map(({ day, provider, outcomes, money, latencies, ...rest }) =>
    cellOf({
      ...rest,
      ...(money ?? {}),
      step: new Date(`2026-11-0${day}T00:00:00Z`),
      providerId: provider,
      providerName: `Provider ${provider}`,
      failedByOutcome: outcomes,
      failed: Object.values(outcomes).reduce((sum, failed) => sum + failed, 0),
      latencies: histogramOf(...latencies),
      latencySum: latencies.reduce((sum, latency) => sum + latency, 0),
      firstUsedAt: new Date(`2026-11-0${day}T06:00:00Z`),
      lastUsedAt: new Date(`2026-11-0${day}T12:00:00Z`),
    }),
  );
