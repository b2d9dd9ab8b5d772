import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { stepsOf } from './calendar.js';
import { coverStep } from './span-cover.js';
import { GRAINS, MINUTE_MS } from '../../ledger/rollups/usage-row.js';

const ZONES = [
  'UTC',
  'America/New_York',
  'America/Havana',
  'America/Santiago',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Apia',
];
const time = fc.integer({ min: Date.UTC(2010, 11, 1), max: Date.UTC(2030, 0, 1) });
const range = fc.record({
  from: time,
  length: fc.integer({ min: 1, max: 40 * 86_400_000 }),
  timezone: fc.constantFrom(...ZONES),
  step: fc.constantFrom('hour', 'day', 'month', 'total'),
});

describe('steps of time', () => {
  it('lie side by side and cover the range, each within its own begin and end', () => {
    fc.assert(
      fc.property(range, ({ from, length, ...query }) => {
        const steps = stepsOf({ from: new Date(from), to: new Date(from + length), ...query });
        expect(steps[0]?.from).toBe(from);
        expect(steps.at(-1)?.to).toBe(from + length);
        for (const [index, step] of steps.entries()) {
          expect(step.begin).toBeLessThanOrEqual(step.from);
          expect(step.from).toBeLessThan(step.to);
          if (index > 0) expect([step.from, step.begin]).toEqual([steps[index - 1]?.to, step.from]);
        }
      }),
    );
  });

  it.each([
    // The day begins at 1 o'clock, as midnight is skipped: https://www.iana.org/time-zones, file northamerica.
    ['America/Havana', '2026-03-08T12:00Z', '2026-03-08T05:00Z', '2026-03-09T04:00Z'],
    // Midnight comes twice; the day begins with the first.
    ['America/Havana', '2026-11-01T12:00Z', '2026-11-01T04:00Z', '2026-11-02T05:00Z'],
    ['America/New_York', '2026-03-08T12:00Z', '2026-03-08T05:00Z', '2026-03-09T04:00Z'],
    ['Asia/Kolkata', '2026-03-08T12:00Z', '2026-03-07T18:30Z', '2026-03-08T18:30Z'],
  ])('know when the day of %s that holds %s begins and ends', (timezone, within, begin, end) => {
    const from = new Date(within);
    const [first, second] = stepsOf({
      from,
      to: new Date(from.getTime() + 86_400_000),
      step: 'day',
      timezone,
    });
    expect([first?.begin, second?.begin]).toEqual([Date.parse(begin), Date.parse(end)]);
  });

  it('refuse a time zone that does not exist', () => {
    const query = { from: new Date(0), to: new Date(1), step: 'day', timezone: 'Mars/Olympus' } as const;
    expect(() => stepsOf(query)).toThrow(RangeError);
  });
});

describe('the stored spans for a step', () => {
  it('lie side by side, cover it exactly and begin where such spans do', () => {
    fc.assert(
      fc.property(time, fc.integer({ min: 1, max: 40 * 86_400_000 }), (from, length) => {
        const segments = coverStep({ begin: from, from, to: from + length });
        const ends = segments.map(({ to }) => to);
        expect(segments.map((segment) => segment.from)).toEqual([from, ...ends.slice(0, -1)]);
        expect(ends.at(-1)).toBe(from + length);
        for (const segment of segments) {
          if (segment.grain === 0) expect(segment.to - segment.from).toBeLessThan(MINUTE_MS);
          else
            for (const edge of [segment.from, segment.to]) expect(edge % (segment.grain * MINUTE_MS)).toBe(0);
        }
        for (const grain of GRAINS) {
          expect(segments.filter((segment) => segment.grain === grain).length).toBeLessThanOrEqual(2);
        }
      }),
    );
  });
});
