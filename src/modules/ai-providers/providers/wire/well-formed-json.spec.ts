import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { wellFormedJson } from './well-formed-json.js';

/** Texts with halves of surrogate pairs, backslashes and what looks like an escape. */
const nasty = fc
  .array(
    fc.oneof(
      fc.constantFrom('\ud83d', '\ude00', '\\', '\\u', 'ud83d', 'd83d', '\\ud83d', '"', '\n', '👋', '\u0000'),
      fc.string({ unit: 'grapheme', maxLength: 4 }),
    ),
  )
  .map((pieces) => pieces.join(''));
const value = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    nasty,
    fc.integer(),
    fc.constant(null),
    fc.array(tie('node'), { maxLength: 4 }),
    fc.dictionary(nasty, tie('node'), { maxKeys: 4 }),
  ),
})).node;

describe('wellFormedJson', () => {
  it('makes every text whole, keys included, and touches no other', () => {
    fc.assert(
      fc.property(value, (given) => {
        const json = wellFormedJson(JSON.stringify(given));
        expect(json.isWellFormed()).toBe(true);
        expect(JSON.parse(json)).toEqual(wholeOf(given));
      }),
    );
  });

  it('gives sound text back as it is', () => {
    const sound = JSON.stringify({ text: '👋 C:\\users\\ud83d', nul: '\u0000' });
    expect(wellFormedJson(sound)).toBe(sound);
  });

  it('keeps whole pairs that a model wrote as escapes, and half a pair no more, in either case', () => {
    expect(wellFormedJson('{"a":"\\uD83D\\uDE00 \\uD83d \\udE00"}')).toBe(
      '{"a":"\\uD83D\\uDE00 \ufffd \ufffd"}',
    );
  });

  it('takes time in proportion to a text of nothing but halves', () => {
    const started = performance.now();
    wellFormedJson(JSON.stringify('\ud83d\\'.repeat(500_000)));
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

function wholeOf(given: unknown): unknown {
  if (typeof given === 'string') return given.toWellFormed();
  if (Array.isArray(given)) return given.map(wholeOf);
  if (typeof given !== 'object' || given === null) return given;
  return Object.fromEntries(Object.entries(given).map(([key, held]) => [key.toWellFormed(), wholeOf(held)]));
}
