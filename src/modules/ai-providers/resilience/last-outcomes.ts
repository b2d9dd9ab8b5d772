import type { LastOutcomes } from '../interfaces/monitoring/provider-probe.interface.js';

export const NO_OUTCOMES: LastOutcomes = Object.freeze({ successAt: null, failure: null });

/** What two observers of one provider know together: of either outcome the later. */
export function latestOutcomes(one: LastOutcomes, other: LastOutcomes): LastOutcomes {
  const isOlder = (one.failure?.at ?? -Infinity) < (other.failure?.at ?? -Infinity);
  return {
    successAt: later(one.successAt, other.successAt),
    failure: isOlder ? other.failure : one.failure,
  };
}

function later(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.max(one, other);
}
