import fc from 'fast-check';
import { AIError } from '../../errors/ai.error.js';
import type { StatisticsRequest } from '../../interfaces/monitoring/statistics-report.interface.js';
import { countedPart, rangeOf } from './statistics-range.js';

const NOW = Date.parse('2026-11-22T10:30:00Z');

function span(request: StatisticsRequest): [string, string] {
  const { from, to } = rangeOf(request, NOW);
  return [from.toISOString(), to.toISOString()];
}

function problems(request: StatisticsRequest): string[] {
  try {
    rangeOf(request, NOW);
  } catch (error) {
    if (error instanceof AIError && error.code === 'VALIDATION_FAILED')
      return (error.problems ?? []).map(({ message }) => message);
    throw error;
  }
  return [];
}

describe('rangeOf', () => {
  it('takes a date as that whole day, both ends included', () => {
    expect(span({ startDate: '2024-01-01', endDate: '2024-12-31' })).toEqual([
      '2024-01-01T00:00:00.000Z',
      '2025-01-01T00:00:00.000Z',
    ]);
    expect(span({ startDate: '2024-02-29', endDate: '2024-02-29' })).toEqual([
      '2024-02-29T00:00:00.000Z',
      '2024-03-01T00:00:00.000Z',
    ]);
  });

  it.each([
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['America/New_York', '2026-02-28', '2026-02-28T05:00:00.000Z', '2026-03-01T05:00:00.000Z'],
    ['Asia/Kolkata', '2026-04-30', '2026-04-29T18:30:00.000Z', '2026-04-30T18:30:00.000Z'],
  ])('takes a date as a day of %s', (timezone, date, from, to) => {
    expect(span({ startDate: date, endDate: date, timezone })).toEqual([from, to]);
  });

  it('takes a date-time exactly, its last millisecond included', () => {
    const range = { startDate: '2026-11-01T10:00:00+02:00', endDate: '2026-11-01T08:00:00.500Z' };
    expect(span(range)).toEqual(['2026-11-01T08:00:00.000Z', '2026-11-01T08:00:00.501Z']);
  });

  it('reads an offset whose plus sign was not escaped in the query', () => {
    expect(span({ startDate: '2026-11-01T10:00 02:00' })[0]).toBe('2026-11-01T08:00:00.000Z');
  });

  it('takes a date-time without offset as one of the time zone', () => {
    expect(span({ startDate: '2026-07-01T10:00:00', timezone: 'Europe/Berlin' })[0]).toBe(
      '2026-07-01T08:00:00.000Z',
    );
  });

  it('covers the last 30 days, today included, where nothing is said', () => {
    expect(span({})).toEqual(['2026-10-24T00:00:00.000Z', '2026-11-23T00:00:00.000Z']);
    expect(span({ endDate: '2026-03-01' })).toEqual(['2026-01-31T00:00:00.000Z', '2026-03-02T00:00:00.000Z']);
  });

  it.each([
    'yesterday',
    '2026-02-30',
    '2026-13-01',
    '26-01-01',
    '2026-1-1',
    '1732270000',
    '',
    '2026-01-01T25:00:00Z',
  ])('refuses "%s" by the name of the field', (text) => {
    expect(problems({ startDate: text })).toEqual([expect.stringMatching(/^startDate must be a date/)]);
    expect(problems({ startDate: '2026-01-01', endDate: text })).toEqual([
      expect.stringMatching(/^endDate must be a date/),
    ]);
  });

  it('names every field that is wrong', () => {
    expect(problems({ startDate: 'x', endDate: 'y' })).toHaveLength(2);
  });

  it('refuses a start after the end, an unknown time zone and too many hours', () => {
    expect(problems({ startDate: '2026-01-02', endDate: '2026-01-01' })).toEqual([
      'startDate must not be after endDate',
    ]);
    expect(problems({ startDate: '2099-01-01' })).toEqual(['startDate must not be after endDate']);
    expect(problems({ timezone: 'Mars/Olympus' })).toEqual([expect.stringMatching(/^timezone /)]);
    const years = { startDate: '1990-01-01', endDate: '2030-01-01' };
    expect(problems({ ...years, groupBy: 'hour' })).toEqual([
      expect.stringMatching(/^startDate is more than/),
    ]);
    expect(problems({ ...years, groupBy: 'day' })).toEqual([]);
    expect(problems({ startDate: '2025-11-22', groupBy: 'hour' })).toEqual([]);
  });

  it('gives two days that follow each other ranges that touch and never overlap', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'America/Santiago');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), zones, (day, timezone) => {
        const dayAt = (offset: number): string =>
          new Date((day + offset) * 86_400_000).toISOString().slice(0, 10);
        const [first, second] = [dayAt(0), dayAt(1)];
        expect(span({ startDate: first, endDate: first, timezone })[1]).toBe(
          span({ startDate: second, endDate: second, timezone })[0],
        );
      }),
    );
  });
});

describe('countedPart', () => {
  const part = (from: string, to: string): unknown =>
    countedPart({ from: new Date(from), to: new Date(to) }, NOW);

  it('leaves out what cannot have been counted', () => {
    expect(part('2000-01-01', '2099-01-01')).toEqual({
      from: new Date('2020-01-01'),
      to: new Date('2026-11-23T10:30:00Z'),
    });
    expect([part('2000-01-01', '2001-01-01'), part('2098-01-01', '2099-01-01')]).toEqual([null, null]);
  });
});
