import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  addCounts,
  emptyHistogram,
  LATENCY_BOUNDS,
  LATENCY_CLASSES,
  latencyClass,
  percentile,
} from './latency-histogram.js';

const latency = fc.double({ min: 0, max: 1_000_000, noNaN: true });
const latencies = fc.array(latency, { minLength: 1, maxLength: 200 });

function histogramOf(values: readonly number[]): number[] {
  const counts = emptyHistogram();
  for (const value of values) {
    const place = latencyClass(value);
    counts[place] = (counts[place] ?? 0) + 1;
  }
  return counts;
}

describe('the latency histogram', () => {
  it('has the layout that is stored: a change of it would falsify what was written', () => {
    expect(LATENCY_CLASSES).toBe(68);
    expect([...LATENCY_BOUNDS]).toEqual([...LATENCY_BOUNDS].sort((left, right) => left - right));
    expect([LATENCY_BOUNDS[0], LATENCY_BOUNDS[7], LATENCY_BOUNDS.at(-1)]).toEqual([1, 10, 820_000]);
  });

  it('puts a latency into the first class whose bound it does not exceed', () => {
    fc.assert(
      fc.property(latency, (ms) => {
        const first = LATENCY_BOUNDS.findIndex((bound) => ms <= bound);
        expect(latencyClass(ms)).toBe(first === -1 ? LATENCY_BOUNDS.length : first);
      }),
    );
    expect(latencyClass(Number.NaN)).toBe(LATENCY_BOUNDS.length);
  });

  it('says the same of two merged histograms as of one that counted everything', () => {
    fc.assert(
      fc.property(latencies, latencies, (left, right) => {
        const both = histogramOf([...left, ...right]);
        expect(addCounts(histogramOf(left), histogramOf(right))).toEqual(both);
      }),
    );
  });

  it('adds a list that is shorter as if it went on with zeros', () => {
    expect(addCounts([1], [2, 3])).toEqual([3, 3]);
    expect(addCounts([2, 3], [1])).toEqual([3, 3]);
    expect(addCounts([], [])).toEqual([]);
  });

  it('estimates a percentile within the class of the exact one', () => {
    fc.assert(
      fc.property(latencies, fc.integer({ min: 0, max: 100 }), (values, p) => {
        const sorted = [...values].sort((left, right) => left - right);
        const exact = sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
        const estimate = percentile(histogramOf(values), p) ?? Number.NaN;
        expect(latencyClass(estimate)).toBe(Math.min(latencyClass(exact), LATENCY_BOUNDS.length - 1));
      }),
    );
  });

  it('has no percentile of nothing', () => {
    expect(percentile(emptyHistogram(), 50)).toBeNull();
    expect(percentile([], 50)).toBeNull();
  });
});
