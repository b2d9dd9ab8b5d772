/**
 * Counts of latencies by class. Class `i` holds what is at most `LATENCY_BOUNDS[i]` ms and more than the class before;
 * the last one holds the rest; one that is shorter goes on with zeros.
 */
export type LatencyHistogram = readonly number[];

/** The E12 series of preferred numbers (IEC 60063): steps of about a fifth, so that a percentile is a tenth off at most. */
const E12 = [10, 12, 15, 18, 22, 27, 33, 39, 47, 56, 68, 82];
const UP_TO_TEN = [1, 2, 3, 4, 5, 6, 8];
const DECADES = [1, 10, 100, 1_000, 10_000];

/**
 * Upper bounds of the classes in milliseconds, ascending, from 1 ms to 820 s. They are the layout of stored counts:
 * changing one changes the meaning of every number written before.
 */
export const LATENCY_BOUNDS: readonly number[] = [
  ...UP_TO_TEN,
  ...DECADES.flatMap((decade) => E12.map((step) => step * decade)),
];

/** How many counts a histogram has: the last one is for what is beyond the last bound. */
export const LATENCY_CLASSES = LATENCY_BOUNDS.length + 1;

/** A histogram of nothing, to be counted into. */
export function emptyHistogram(): number[] {
  return new Array<number>(LATENCY_CLASSES).fill(0);
}

/** The class of `ms`, from 0; what is no number is the last. */
export function latencyClass(ms: number): number {
  let low = 0;
  let high = LATENCY_BOUNDS.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ms <= (LATENCY_BOUNDS[middle] ?? Infinity)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** How many latencies it holds. */
export function countOfLatencies(histogram: LatencyHistogram): number {
  return histogram.reduce((sum, count) => sum + count, 0);
}

/** The counts of both lists, class by class. */
export function addCounts(left: readonly number[], right: readonly number[]): number[] {
  const [long, short] = left.length > right.length ? [left, right] : [right, left];
  return long.map((count, place) => count + (short[place] ?? 0));
}

/**
 * Estimates in milliseconds what `p` percent (0–100) of the latencies are at most: the nearest rank, placed in its
 * class by its share of it. Never outside the class that holds the exact answer; beyond the last bound it is that bound.
 * Null for an empty histogram.
 */
export function percentile(histogram: LatencyHistogram, p: number): number | null {
  const total = countOfLatencies(histogram);
  if (total === 0) return null;
  const rank = Math.min(total, Math.max(1, Math.ceil((p / 100) * total)));
  let below = 0;
  for (const [index, count] of histogram.entries()) {
    if (below + count >= rank) return placeInClass(index, (rank - below) / count);
    below += count;
  }
  return LATENCY_BOUNDS.at(-1) ?? null;
}

function placeInClass(index: number, share: number): number {
  const lower = index === 0 ? 0 : (LATENCY_BOUNDS[index - 1] ?? 0);
  const upper = LATENCY_BOUNDS[index] ?? lower;
  return lower + (upper - lower) * share;
}
