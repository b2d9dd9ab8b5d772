/** When a provider last served, and when and why it last did not. Times are milliseconds since the epoch. */
export interface LastOutcomes {
  readonly successAt: number | null;
  /** `message` is free of secrets. */
  readonly failure: { readonly at: number; readonly message: string } | null;
}

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
