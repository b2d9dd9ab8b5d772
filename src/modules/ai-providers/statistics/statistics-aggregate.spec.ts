import { Decimal } from 'decimal.js';
import fc from 'fast-check';
import { anyCell, cellOf, histogramOf } from '../../../../test/fakes/statistics-cell.js';
import {
  averageLatencyOf,
  costsOf,
  percentilesOf,
  requestsOf,
  aggregateOf,
  timeToFirstTokenOf,
  tokensOf,
} from './statistics-aggregate.js';

describe('aggregateOf', () => {
  it('gives the same whatever the order of the cells', () => {
    fc.assert(
      fc.property(fc.array(anyCell, { maxLength: 12 }), (cells) => {
        const [forward, backward] = [aggregateOf(cells), aggregateOf([...cells].reverse())];
        expect(costsOf(backward)).toEqual(costsOf(forward));
        expect({ ...backward, costs: null, lastCurrency: null }).toEqual({
          ...forward,
          costs: null,
          lastCurrency: null,
        });
      }),
    );
  });

  it('sums money exactly and each currency for itself', () => {
    fc.assert(
      fc.property(fc.array(anyCell, { maxLength: 30 }), (cells) => {
        const { costs } = aggregateOf(cells);
        for (const [currency, { inputCost }] of costs) {
          const nanos = cells
            .filter((cell) => cell.currency === currency)
            .map((cell) => BigInt(new Decimal(cell.inputCost ?? '0').mul(1e9).toFixed(0)))
            .reduce((sum, cost) => sum + cost, 0n);
          expect(inputCost.mul(1e9).toFixed()).toBe(String(nanos));
        }
      }),
    );
  });

  it('sums what floating point would not', () => {
    const cells = Array.from({ length: 10 }, () =>
      cellOf({
        currency: 'USD',
        inputCost: '0.1',
        cachedInputCost: '0.3',
        cacheWriteCost: '0.7',
        outputCost: '0.2',
      }),
    );
    const sums = { inputCost: 1, cachedInputCost: 3, cacheWriteCost: 7, outputCost: 2, totalCost: 13 };
    expect(costsOf(aggregateOf(cells))).toEqual([{ currency: 'USD', ...sums }]);
  });

  it('counts requests without a price', () => {
    const cells = [
      cellOf({ successful: 3, failed: 1 }),
      cellOf({ successful: 5, currency: 'EUR', inputCost: '0', outputCost: '0' }),
    ];
    expect(aggregateOf(cells)).toMatchObject({ unpriced: 4, lastCurrency: 'EUR' });
  });

  it('has no average, percentile, money or last use of nothing', () => {
    const nothing = aggregateOf([]);
    expect([averageLatencyOf(nothing), timeToFirstTokenOf(nothing), nothing.lastUsedAt]).toEqual([
      null,
      null,
      null,
    ]);
    expect(percentilesOf(nothing)).toEqual({ p50: null, p95: null, p99: null });
    expect([costsOf(nothing), requestsOf(nothing), tokensOf(nothing)]).toEqual([[], 0, 0]);
  });

  it('takes percentiles of all cells together', () => {
    const quick = cellOf({ latencies: histogramOf(...Array<number>(90).fill(10)) });
    const slow = cellOf({ latencies: histogramOf(...Array<number>(10).fill(9000)) });
    const { p50, p95 } = percentilesOf(aggregateOf([quick, slow]));
    expect(p50).toBeLessThanOrEqual(10);
    expect(p95).toBeGreaterThan(8000);
  });
});
