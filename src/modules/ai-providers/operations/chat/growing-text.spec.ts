import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GrowingText } from './growing-text.js';
import { HeldTextLimit } from '../../pipeline/stream/held-text.limit.js';

describe('GrowingText', () => {
  it('is all its pieces in their order, long and short, and can be read in between', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 4 }),
      fc.string({ minLength: 250, maxLength: 300 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 700, size: 'max' }), fc.nat(700), (pieces, readAfter) => {
        const text = new GrowingText();
        pieces.forEach((each, index) => {
          text.add(each);
          if (index === readAfter) expect(text.toString()).toBe(pieces.slice(0, index + 1).join(''));
        });
        expect(text.toString()).toBe(pieces.join(''));
      }),
      { numRuns: 50 },
    );
  });

  it('holds so many characters of it at most, and knows how many there were', () => {
    const pieces = fc.array(fc.string({ unit: 'binary', maxLength: 300, size: 'max' }));
    fc.assert(
      fc.property(pieces, fc.nat(2_000), (said, held) => {
        const text = new GrowingText(held);
        for (const piece of said) text.add(piece);
        const whole = said.join('');
        expect(text.toString()).toBe(whole.slice(0, held));
        expect(text.length).toBe(whole.length);
        expect(text.isWhole).toBe(whole.length <= held);
      }),
    );
  });

  it('holds its beginning, and more while there is room for it that it shares with others', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(90_000), { maxLength: 30 }), fc.nat(1_200_000), (sizes, characters) => {
        const room = new HeldTextLimit(characters);
        const text = new GrowingText(undefined, (more) => room.take(more));
        let said = '';
        for (const [index, size] of sizes.entries()) {
          const piece = String.fromCharCode(97 + index).repeat(size);
          text.add(piece);
          said += piece;
          expect(said.startsWith(text.toString())).toBe(true);
          expect(text.isWhole).toBe(text.toString().length === said.length);
          if (!text.isWhole) expect(text.isNearlyFull).toBe(true);
        }
        expect(text.toString().length).toBeGreaterThanOrEqual(Math.min(65_536, said.length));
        expect(text.toString().length).toBeLessThanOrEqual(65_536 + characters);
      }),
      { numRuns: 50 },
    );
  });

  it('does not give for whole what a reader has missed and is not held', () => {
    const text = new GrowingText(3);
    text.add('abcdef');
    expect(text.between(0, 3)).toBe('abc');
    expect(text.between(6, 6)).toBe('');
    expect(() => text.between(2, 6)).toThrow();
  });
});
