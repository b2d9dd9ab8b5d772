/**
 * An average in which a sample's weight halves with every half-life. Sum and weight decay together, so that samples of
 * the same millisecond count alike and the first one needs no special case. A plain JSON-able value.
 */
export interface DecayedAverage {
  readonly sum: number;
  /** How many fresh samples the average is worth, as of `at`. */
  readonly weight: number;
  /** By the monotonic clock. */
  readonly at: number;
}

/** Our choice: long enough to smooth over single slow answers, short enough to notice a slow quarter of an hour. */
export const LATENCY_HALF_LIFE_MS = 120_000;

/** Below this worth of a fresh sample an average says nothing any more: one sample is forgotten after 4.3 half-lives. */
const LEAST_WEIGHT = 0.05;

/** Adds a sample. A clock that went back does not make old samples heavier. */
export function observe(
  average: DecayedAverage | null,
  value: number,
  now: number,
  halfLifeMs = LATENCY_HALF_LIFE_MS,
): DecayedAverage {
  if (average === null) return { sum: value, weight: 1, at: now };
  const kept = decay(average, now, halfLifeMs);
  return {
    sum: average.sum * kept + value,
    weight: average.weight * kept + 1,
    at: Math.max(now, average.at),
  };
}

/** The average as far as it still says something; null where there is none or it is too old. */
export function currentAverage(
  average: DecayedAverage | null,
  now: number,
  halfLifeMs = LATENCY_HALF_LIFE_MS,
): number | null {
  if (average === null || average.weight * decay(average, now, halfLifeMs) < LEAST_WEIGHT) return null;
  return average.sum / average.weight;
}

function decay(average: DecayedAverage, now: number, halfLifeMs: number): number {
  return 0.5 ** (Math.max(0, now - average.at) / halfLifeMs);
}
