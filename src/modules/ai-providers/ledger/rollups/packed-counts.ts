/** Decimal digits a count has room for: a million million of one kind in one sum. */
const DIGITS = 12;

/**
 * Counts as one whole number in decimal text, twelve digits each, the first count in the lowest. Such numbers add up, as
 * long as no sum of counts exceeds twelve digits: PostgreSQL sums a histogram in one addition instead of one a class.
 */
export function packCounts(counts: readonly number[]): string {
  const digits = counts.map((count) => String(count).padStart(DIGITS, '0')).reverse();
  return digits.join('').replace(/^0+(?=.)/, '') || '0';
}

/** The counts in such a number, or a sum of some; those beyond its highest digit, 0 all, are left out. */
export function unpackCounts(packed: string): number[] {
  const counts: number[] = [];
  for (let end = packed.length; end > 0; end -= DIGITS) {
    counts.push(Number(packed.slice(Math.max(0, end - DIGITS), end)));
  }
  return counts;
}
