/** Gives a taken slot back; false where it had been given back before, and nothing is done. */
export type ReleaseSlot = () => boolean;

/** Counts the requests in flight at each provider, and bounds them where the provider has a bound. Every operation is O(1). */
export class SlotPool {
  private readonly taken = new Map<string, number>();
  private total = 0;

  /** @param onReleased called after each slot given back, so that those who wait for one can be asked */
  constructor(private readonly onReleased: (providerId: string) => void = () => undefined) {}

  /** Requests in flight at all providers. */
  get size(): number {
    return this.total;
  }

  /** Requests in flight at one provider. */
  inFlight(providerId: string): number {
    return this.taken.get(providerId) ?? 0;
  }

  /** Whether `tryTake` would give a slot. @param bound requests in flight at once; null means no bound */
  hasRoom(providerId: string, bound: number | null): boolean {
    return bound === null || this.inFlight(providerId) < bound;
  }

  /** Takes a slot; null where all are taken. A bound lowered meanwhile takes none back, it only gives none out. */
  tryTake(providerId: string, bound: number | null): ReleaseSlot | null {
    if (!this.hasRoom(providerId, bound)) return null;
    this.change(providerId, 1);
    let held = true;
    return () => {
      if (!held) return false;
      held = false;
      this.change(providerId, -1);
      this.onReleased(providerId);
      return true;
    };
  }

  private change(providerId: string, by: 1 | -1): void {
    this.total += by;
    this.taken.set(providerId, this.inFlight(providerId) + by);
  }
}
