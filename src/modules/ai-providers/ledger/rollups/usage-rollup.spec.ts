import { describe, expect, it } from '@jest/globals';
import { rolledUp } from './usage-rollup.js';
import { emptyUsage, type UsageRow } from './usage-row.js';

function minute(span: string, changes: Partial<UsageRow> = {}): UsageRow {
  const key = {
    grain: 1,
    span,
    providerId: 'alpha',
    model: 'small',
    currency: 'USD',
    operation: 'chat',
    caller: '',
  };
  return { ...emptyUsage(key), providerName: 'Alpha', lastUsedAt: span, ...changes };
}

/** Every number as one of its own, so that none is summed with another or forgotten. */
function distinct(row: UsageRow, from: number): UsageRow {
  let next = from;
  const numbered = Object.entries(row).map(([name, value]: [string, unknown]) => {
    return [name, typeof value === 'number' && name !== 'grain' ? next++ : value] as const;
  });
  return { ...row, ...Object.fromEntries(numbered) };
}

describe('rolledUp', () => {
  it('puts a minute into its minute, hour and day', () => {
    const rows = rolledUp([minute('2026-03-29T23:59:00.000Z', { successful: 2, inputCost: '0.5' })]);
    expect(rows.map(({ grain, span }) => [grain, span])).toEqual([
      [1, '2026-03-29T23:59:00.000Z'],
      [60, '2026-03-29T23:00:00.000Z'],
      [1440, '2026-03-29T00:00:00.000Z'],
    ]);
    for (const row of rows) expect(row).toMatchObject({ successful: 2, inputCost: '0.5' });
  });

  it('adds up every number of two minutes of an hour, money exactly', () => {
    const first = {
      ...distinct(minute('2026-01-01T10:00:00.000Z'), 1),
      inputCost: '0.1',
      outputCost: '1e-20',
      failures: [1, 2],
      latencies: [0, 4],
    };
    const second = {
      ...distinct(minute('2026-01-01T10:01:00.000Z'), 1_000),
      inputCost: '0.2',
      outputCost: '3',
      failures: [3, 0, 5],
      latencies: [6],
    };
    const hour = rolledUp([first, second]).find(({ grain }) => grain === 60);
    expect(hour).toMatchObject({ inputCost: '0.3', outputCost: '3.00000000000000000001' });
    expect(hour).toMatchObject({ failures: [4, 2, 5], latencies: [6, 4] });
    for (const [name, value] of Object.entries(first) as [keyof UsageRow, unknown][]) {
      if (typeof value === 'number' && name !== 'grain')
        expect([name, hour?.[name]]).toEqual([name, value + (second[name] as number)]);
    }
  });

  it('puts the part of a named caller beside what all callers did together', () => {
    const rows = rolledUp([
      minute('2026-01-01T10:00:00.000Z', { successful: 1 }),
      minute('2026-01-01T10:00:00.000Z', { successful: 2, caller: 'ann' }),
      minute('2026-01-01T10:01:00.000Z', { successful: 4, caller: 'bob' }),
      minute('2026-01-01T10:01:00.000Z', { successful: 8, caller: 'bob' }),
    ]);
    const hours = rows.filter(({ grain }) => grain === 60);
    expect(hours.map(({ caller, successful }) => [caller, successful])).toEqual([
      ['', 15],
      ['ann', 2],
      ['bob', 12],
    ]);
  });

  it('keeps providers, models and currencies apart, and the latest name', () => {
    const rows = rolledUp([
      minute('2026-01-01T10:01:00.000Z', { providerName: 'New' }),
      minute('2026-01-01T10:00:00.000Z', { providerName: 'Old' }),
      minute('2026-01-01T10:00:00.000Z', { providerId: 'beta' }),
      minute('2026-01-01T10:00:00.000Z', { model: 'large' }),
      minute('2026-01-01T10:00:00.000Z', { currency: 'EUR' }),
    ]);
    const hours = rows.filter(({ grain }) => grain === 60);
    expect(hours).toHaveLength(4);
    expect(hours[0]).toMatchObject({ providerName: 'New', lastUsedAt: '2026-01-01T10:01:00.000Z' });
  });
});
