/** How providers of equal priority are ordered. */
export const ROUTING_STRATEGIES = [
  'priority',
  'weighted',
  'least-latency',
  'least-busy',
  'lowest-cost',
] as const;
export type RoutingStrategy = (typeof ROUTING_STRATEGIES)[number];

/** A price that may be compared with another one of its currency. */
export interface BlendedPrice {
  /** Per 1,000 tokens, input and output mixed as the caller of the strategies sees fit. */
  amount: number;
  /** ISO 4217. */
  currency: string;
}

/** What the strategies look at of a provider that can serve a request, as it is now. */
export interface Candidate {
  readonly id: string;
  /** Higher is asked first. */
  readonly priority: number;
  /** Share under `weighted`; 0 and below: only after all others. */
  readonly weight: number;
  readonly inFlight: number;
  /** Requests it takes at once; null means no bound. */
  readonly capacity: number | null;
  /** Decayed average in milliseconds; null for one that is new or has long not been asked. */
  readonly latencyMs: number | null;
  /** Null where no price is known. */
  readonly price: BlendedPrice | null;
  /** When it was last asked, as counted by `TurnLedger`; 0 for never. */
  readonly lastTurn: number;
}
