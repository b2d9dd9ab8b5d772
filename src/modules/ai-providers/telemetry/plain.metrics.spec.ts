import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { AggregatorRegistry, Counter, Histogram, Registry } from 'prom-client';
import { PlainCounter, PlainHistogram } from './plain.metrics.js';

const BOUNDS = [0.1, 0.5, 1, 5];

describe('counted metrics', () => {
  it('say what prom-client’s own would say of the same numbers', async () => {
    const observations = fc.array(
      fc.record({
        name: fc.constantFrom('a', 'b', 'c "d"'),
        value: fc.double({ min: 0, max: 10, noNaN: true }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    await fc.assert(
      fc.asyncProperty(observations, async (all) => {
        const [counted, plain] = [new Registry(), new Registry()];
        const shape = { name: 'h', help: 'help', buckets: BOUNDS, labelNames: ['name'] as const };
        const counts = { name: 'c', help: 'help', labelNames: ['name'] as const };
        const ours = new PlainHistogram(shape, [counted]);
        const theirs = new Histogram({ ...shape, registers: [plain] });
        const counter = new PlainCounter({ ...counts, registers: [counted] });
        const theirCounter = new Counter({ ...counts, registers: [plain] });
        for (const { name, value } of all) {
          ours.child({ name }).observe(value);
          theirs.observe({ name }, value);
          counter.child({ name }).value += value;
          theirCounter.inc({ name }, value);
        }
        expect(linesOf(await counted.metrics())).toEqual(linesOf(await plain.metrics()));
        expect(linesOf(await twice(counted))).toEqual(linesOf(await twice(plain)));
      }),
    );
  });
});

/** What two processes that counted the same have counted together. */
async function twice(registry: Registry): Promise<string> {
  const counted = await registry.getMetricsAsJSON();
  return AggregatorRegistry.aggregate([counted, counted]).metrics();
}

/** Labels may come in any order. */
function linesOf(exposition: string): string[] {
  return exposition
    .split('\n')
    .map((line) => line.replace(/\{(.*)\}/, (_, labels: string) => `{${labels.split(',').sort().join(',')}}`))
    .sort();
}
