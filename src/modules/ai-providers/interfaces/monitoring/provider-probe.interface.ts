/** When a provider last served, and when and why it last did not. Times are milliseconds since the epoch. */
export interface LastOutcomes {
  readonly successAt: number | null;
  /** `message` is free of secrets. */
  readonly failure: { readonly at: number; readonly message: string } | null;
}

/** What the last probe of a provider found. Times are milliseconds since the epoch. */
export interface ProbeResult {
  healthy: boolean;
  latency: number;
  checkedAt: number;
  /** Of this probe and those before. */
  last: LastOutcomes;
}
