import { describe, expect, it } from '@jest/globals';
import { SeriesSum } from './series-sum.js';
import type { Series } from './worker-message.js';

const series = (type: string, value: number, aggregator = 'sum'): Series => ({
  name: `some_${type}_${aggregator}`,
  help: 'Something',
  type,
  aggregator,
  values: [{ value, labels: { of: 'a' } }],
});

const valuesOf = async (sum: SeriesSum<number>): Promise<Record<string, number | undefined>> =>
  Object.fromEntries((await sum.current()).map(({ name, values }) => [name, values[0]?.value]));

describe('SeriesSum', () => {
  it('puts the series of workers together, each by its own rule', async () => {
    const sum = new SeriesSum<number>();
    for (const [worker, value] of [
      [1, 3],
      [2, 5],
    ] as const)
      sum.hear(worker, [
        series('counter', value),
        series('gauge', value),
        series('gauge', value, 'max'),
        series('gauge', value, 'average'),
      ]);
    expect(await valuesOf(sum)).toEqual({
      some_counter_sum: 8,
      some_gauge_sum: 8,
      some_gauge_max: 5,
      some_gauge_average: 4,
    });
  });

  it('keeps what an ended worker had counted, and not what it was doing', async () => {
    const sum = new SeriesSum<number>();
    sum.hear(1, [series('counter', 3), series('gauge', 3)]);
    sum.hear(2, [series('counter', 5), series('gauge', 5)]);
    sum.end(1);
    expect(await valuesOf(sum)).toEqual({ some_counter_sum: 8, some_gauge_sum: 5 });
    sum.end(2);
    sum.hear(3, [series('counter', 1), series('gauge', 1)]);
    expect(await valuesOf(sum)).toEqual({ some_counter_sum: 9, some_gauge_sum: 1 });
  });
});
