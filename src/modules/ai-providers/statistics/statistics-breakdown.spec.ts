import fc from 'fast-check';
import { anyCell, cellOf } from '../../../../test/fakes/statistics-cell.js';
import type { StatisticsGrouping } from '../interfaces/monitoring/statistics-report.interface.js';
import { breakdownOf, type BreakdownInput } from './statistics-breakdown.js';
import { performanceRow, usageRow } from './statistics-rows.js';
import { costsOf, aggregateOf } from './statistics-aggregate.js';

const RANGE = { from: new Date('2026-11-01T00:00:00Z'), to: new Date('2026-11-10T00:00:00Z') };

function input(cells: BreakdownInput['cells'], more: Partial<BreakdownInput> = {}): BreakdownInput {
  return {
    sums: cells,
    cells,
    range: RANGE,
    groupBy: 'day',
    timezone: 'UTC',
    ...more,
  };
}

const sum = (rows: { totalRequests: number; totalTokens: number }[]): [number, number] => [
  rows.reduce((total, row) => total + row.totalRequests, 0),
  rows.reduce((total, row) => total + row.totalTokens, 0),
];

describe('breakdownOf', () => {
  it('adds up to the total however it is cut', () => {
    const groupings = fc.constantFrom<StatisticsGrouping>('day', 'month', 'provider', 'model');
    fc.assert(
      fc.property(fc.array(anyCell, { maxLength: 20 }), groupings, (cells, groupBy) => {
        const total = sum([usageRow(aggregateOf(cells))]);
        const { byProvider, byModel, timeline } = breakdownOf(input(cells, { groupBy }), (aggregate) => [
          usageRow(aggregate),
        ]);
        expect([sum(byProvider), sum(byModel), sum(timeline)]).toEqual([total, total, total]);
      }),
    );
  });

  it('goes forward in time, each part of a step once', () => {
    fc.assert(
      fc.property(fc.array(anyCell, { maxLength: 20 }), (cells) => {
        const { timeline } = breakdownOf(input(cells, { groupBy: 'provider' }), (aggregate) => [
          usageRow(aggregate),
        ]);
        const starts = timeline.map(({ start }) => start);
        expect(starts).toEqual([...starts].sort());
        const parts = timeline.map(({ start, providerId }) => `${start} ${providerId}`);
        expect(new Set(parts).size).toBe(parts.length);
      }),
    );
  });

  it('names the span by its first and last millisecond', () => {
    expect(breakdownOf(input([]), (aggregate) => [usageRow(aggregate)])).toEqual({
      startDate: '2026-11-01T00:00:00.000Z',
      endDate: '2026-11-09T23:59:59.999Z',
      byProvider: [],
      byModel: [],
      timeline: [],
    });
  });

  it.each([
    ['hour', '2026-10-25T01:00:00Z', '2026-10-25T02:00'],
    ['day', '2026-10-24T22:00:00Z', '2026-10-25'],
    ['month', '2026-09-30T22:00:00Z', '2026-10'],
  ] as const)('labels a step of one %s as the clocks there show it', (groupBy, step, date) => {
    const cells = [cellOf({ step: new Date(step), successful: 1 })];
    const more = { groupBy, timezone: 'Europe/Berlin' };
    expect(breakdownOf(input(cells, more), (aggregate) => [usageRow(aggregate)]).timeline).toEqual([
      expect.objectContaining({ date, start: new Date(step).toISOString(), totalRequests: 1 }),
    ]);
  });

  it('has a row a currency in each group, and none for a group without a price', () => {
    const cells = [
      cellOf({ successful: 1, currency: 'USD', inputCost: '0.1', outputCost: '0' }),
      cellOf({ successful: 1, currency: 'EUR', inputCost: '0.3', outputCost: '0' }),
      cellOf({ successful: 1, providerId: 'p2', providerName: 'Two' }),
    ];
    const { byProvider, timeline } = breakdownOf(input(cells), costsOf);
    expect(byProvider).toEqual([
      {
        providerId: 'p1',
        providerName: 'One',
        currency: 'EUR',
        inputCost: 0.3,
        cachedInputCost: 0,
        cacheWriteCost: 0,
        outputCost: 0,
        totalCost: 0.3,
      },
      {
        providerId: 'p1',
        providerName: 'One',
        currency: 'USD',
        inputCost: 0.1,
        cachedInputCost: 0,
        cacheWriteCost: 0,
        outputCost: 0,
        totalCost: 0.1,
      },
    ]);
    expect(timeline).toHaveLength(2);
  });

  it.each([
    ['2026-11-01T00:00:00Z', '2026-11-01T01:00:00Z', 1],
    ['2026-11-01T00:00:00Z', '2026-11-01T00:00:10Z', 60],
    ['2026-11-01T00:00:00Z', '2026-11-01T00:07:00Z', 8.57],
  ])('measures throughput by the time of traffic, a minute at least (%s to %s)', (first, last, rate) => {
    const used = { firstUsedAt: new Date(first), lastUsedAt: new Date(last) };
    const { timeline } = breakdownOf(input([cellOf({ ...used, successful: 60 })]), (aggregate) => [
      performanceRow(aggregate),
    ]);
    expect(timeline[0]?.throughput.requestsPerMinute).toBe(rate);
  });
});
