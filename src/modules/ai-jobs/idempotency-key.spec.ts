import { describe, expect, it } from '@jest/globals';
import { fingerprintOf, jobIdOf, readIdempotencyKey } from './idempotency-key.js';

describe('readIdempotencyKey', () => {
  it.each([
    [undefined, undefined],
    ['8e03978e-40d5-43e8-bc93-6894a57f9324', '8e03978e-40d5-43e8-bc93-6894a57f9324'],
    ['"8e03978e"', '8e03978e'],
    [' "order 66" ', 'order 66'],
    [String.raw`"a \"quoted\" \\ one"`, String.raw`a "quoted" \ one`],
    ['x'.repeat(255), 'x'.repeat(255)],
  ])('reads %s', (header, key) => {
    expect(readIdempotencyKey(header)).toBe(key);
  });

  it.each(['', '""', '"', '"open', 'two words', 'ключ', '"tab\t"', 'x'.repeat(256)])(
    'refuses %j',
    (header) => {
      expect(() => readIdempotencyKey(header)).toThrow(/^Idempotency-Key must be 1 to 255/);
    },
  );
});

describe('jobIdOf', () => {
  it('tells callers and keys apart, and nothing else', () => {
    const ids = [jobIdOf('k', 'one'), jobIdOf('k', 'two'), jobIdOf('k', null), jobIdOf('l', 'one')];
    expect(new Set(ids).size).toBe(4);
    expect(jobIdOf('k', 'one')).toBe(ids[0]);
  });
});

describe('fingerprintOf', () => {
  it('does not depend on the order of fields, and on everything else', () => {
    const first = fingerprintOf({ request: { prompt: 'Hi', temperature: 1 } });
    expect(fingerprintOf({ request: { temperature: 1, prompt: 'Hi' } })).toBe(first);
    expect(fingerprintOf({ request: { temperature: 1, prompt: 'Ho' } })).not.toBe(first);
  });
});
