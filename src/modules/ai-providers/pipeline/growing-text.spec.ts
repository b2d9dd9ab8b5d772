import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { GrowingText } from './growing-text.js';

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
});
