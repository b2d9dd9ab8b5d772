import fc from 'fast-check';
import { addDays, isTimezone, LocalTime } from './local-time.js';

const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'America/Santiago',
];
const anyMoment = fc.integer({ min: Date.UTC(1990, 0), max: Date.UTC(2060, 0) });
const iso = (instant: number): string => new Date(instant).toISOString();

describe('LocalTime', () => {
  it.each([
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z'],
    ['Europe/Berlin', '2026-03-30', '2026-03-29T22:00:00.000Z'],
    ['America/New_York', '2026-11-01', '2026-11-01T04:00:00.000Z'],
    ['America/New_York', '2026-11-02', '2026-11-02T05:00:00.000Z'],
    ['Asia/Kolkata', '2026-03-01', '2026-02-28T18:30:00.000Z'],
  ])('in %s begins %s at %s, daylight saving or not', (zone, date, begin) => {
    expect(iso(new LocalTime(zone).startOfDay(date))).toBe(begin);
  });

  it('begins a day whose midnight is skipped when the clocks have changed', () => {
    expect(iso(new LocalTime('America/Santiago').startOfDay('2026-09-06'))).toBe('2026-09-06T04:00:00.000Z');
  });

  it('finds the moment back at which the clocks show a time', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), anyMoment, (zone, moment) => {
        const clocks = new LocalTime(zone);
        const text = clocks.textAt(moment);
        const found = clocks.instantOf(text);
        expect(clocks.textAt(found)).toBe(text);
        expect(Math.abs(found - moment)).toBeLessThanOrEqual(3_600_000);
      }),
    );
  });

  it('begins a day at its first moment, and not before', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), anyMoment, (zone, moment) => {
        const clocks = new LocalTime(zone);
        const date = clocks.dateAt(moment);
        const begin = clocks.startOfDay(date);
        expect([clocks.dateAt(begin), clocks.dateAt(begin - 1)]).toEqual([date, addDays(date, -1)]);
      }),
    );
  });
});

describe('isTimezone', () => {
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires'])('knows %s', (name) => {
    expect(isTimezone(name)).toBe(true);
  });

  it.each(['', '+02:00', 'Mars/Olympus', 'Europe', '..', "UTC'; --"])('refuses "%s"', (name) => {
    expect(isTimezone(name)).toBe(false);
  });
});

describe('the calendar', () => {
  it('goes over the ends of months, years and Februaries', () => {
    expect([addDays('2024-02-28', 1), addDays('2025-02-28', 1), addDays('2026-01-01', -1)]).toEqual([
      '2024-02-29',
      '2025-03-01',
      '2025-12-31',
    ]);
  });
});
