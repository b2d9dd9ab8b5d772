import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseHttpDate, retryAfterMs } from './retry-after.js';

const NOW = Date.UTC(2026, 10, 22, 12, 0, 0);
const headers = (fields: Record<string, string>): Headers => new Headers(fields);

describe('retryAfterMs', () => {
  it.each([
    [{ 'retry-after': '7' }, 7_000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '1.5' }, 1_500],
    [{ 'retry-after-ms': '250' }, 250],
    [{ 'retry-after-ms': '250', 'retry-after': '7' }, 250],
    [{ 'retry-after-ms': 'soon', 'retry-after': '7' }, 7_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 12:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'Sun, 22 Nov 2026 11:59:00 GMT' }, 0],
    [{ 'retry-after': 'later' }, undefined],
    [{ 'retry-after': '-5' }, undefined],
    [{ 'retry-after': '' }, undefined],
    [{}, undefined],
  ])('reads %j as %p ms', (fields, expected) => {
    expect(retryAfterMs(headers(fields as Record<string, string>), NOW)).toBe(expected);
  });

  it('never gives anything but a whole, bounded, non-negative number for any text', () => {
    const text = fc.oneof(fc.string(), fc.bigInt({ min: 0n }).map(String), fc.double().map(String));
    fc.assert(
      fc.property(text, fc.nat(), (value, now) => {
        const wait = retryAfterMs({ get: (name) => (name === 'retry-after' ? value : null) }, now);
        expect(wait === undefined || (Number.isSafeInteger(now + wait) && wait >= 0)).toBe(true);
      }),
    );
  });
});

describe('parseHttpDate', () => {
  it('reads the three forms of RFC 9110 §5.6.7 as the same instant', () => {
    const instant = Date.UTC(1994, 10, 6, 8, 49, 37);
    expect(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT', NOW)).toBe(instant);
    expect(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT', NOW)).toBe(instant);
    expect(parseHttpDate('Sun Nov  6 08:49:37 1994', NOW)).toBe(instant);
  });

  it('reads back every date that it is given, to the second', () => {
    const date = fc.date({ min: new Date(0), max: new Date('2400-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(date, (value) => {
        const second = Math.floor(value.getTime() / 1000) * 1000;
        expect(parseHttpDate(value.toUTCString(), NOW)).toBe(second);
      }),
    );
  });

  it('takes a two-digit year more than 50 years ahead as past', () => {
    expect(parseHttpDate('Sunday, 06-Nov-76 08:49:37 GMT', NOW)).toBe(Date.UTC(2076, 10, 6, 8, 49, 37));
    expect(parseHttpDate('Sunday, 06-Nov-77 08:49:37 GMT', NOW)).toBe(Date.UTC(1977, 10, 6, 8, 49, 37));
  });

  it.each([
    '2026-11-22T12:00:00Z',
    'Sun, 22 Nov 2026 12:00:00 +0100',
    'Sun, 31 Feb 2026 12:00:00 GMT',
    'Sun, 22 Nov 2026 24:00:00 GMT',
    'Sun, 22 Foo 2026 12:00:00 GMT',
    'Sun, 22 Nov 2026 12:00:00',
    '',
  ])('refuses %p', (text) => {
    expect(parseHttpDate(text, NOW)).toBeUndefined();
  });
});
