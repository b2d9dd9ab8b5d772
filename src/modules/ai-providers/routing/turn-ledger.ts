/**
 * Remembers in which order providers were last asked, so that equals take turns. The code that orders candidates calls
 * `take` for the first of them before anything else can run, and again for each one it falls back to.
 */
export class TurnLedger {
  private readonly turns = new Map<string, number>();
  private count = 0;

  /** The turn at which the provider was last asked; 0 for never. */
  lastTurn(providerId: string): number {
    return this.turns.get(providerId) ?? 0;
  }

  take(providerId: string): void {
    this.count += 1;
    this.turns.set(providerId, this.count);
  }

  /** For a provider that is gone. */
  forget(providerId: string): void {
    this.turns.delete(providerId);
  }
}
