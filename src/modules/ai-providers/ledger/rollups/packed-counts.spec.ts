import fc from 'fast-check';
import { packCounts, unpackCounts } from './packed-counts.js';

const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(), fc.integer({ min: 0, max: 4e11 })), {
  maxLength: 70,
});

/** Zeros at the end do not show. */
function trimmed(list: readonly number[]): number[] {
  return list.slice(0, list.findLastIndex((count) => count > 0) + 1);
}

describe('packed counts', () => {
  it('give back what was packed', () => {
    fc.assert(
      fc.property(counts, (list) => {
        expect(trimmed(unpackCounts(packCounts(list)))).toEqual(trimmed(list));
      }),
    );
  });

  it('add up count by count when the numbers are added', () => {
    fc.assert(
      fc.property(counts, counts, (left, right) => {
        const sum = (BigInt(packCounts(left)) + BigInt(packCounts(right))).toString();
        const longer = left.length > right.length ? left : right;
        const expected = longer.map((_, place) => (left[place] ?? 0) + (right[place] ?? 0));
        expect(trimmed(unpackCounts(sum))).toEqual(trimmed(expected));
      }),
    );
  });

  it('are 0 where there is nothing to count', () => {
    expect([packCounts([]), packCounts([0, 0])]).toEqual(['0', '0']);
  });
});
