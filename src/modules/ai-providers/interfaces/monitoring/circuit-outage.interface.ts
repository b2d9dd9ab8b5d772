/** A circuit from when it opened until it closed; a trial that fails in between belongs to it. */
export interface CircuitOutage {
  id: string;
  providerId: string;
  openedAt: Date;
  /** When it lets, or let, its last trial through. */
  openUntil: Date;
}

/** Something about an outage that is to be kept. */
export type CircuitOutageChange =
  { kind: 'open'; outage: CircuitOutage } | { kind: 'closed'; providerId: string; at: Date };
