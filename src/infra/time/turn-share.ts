/**
 * Shares work out over the event loop's turns: so much of it is done in one, for all callers together, and what is more waits for the next.
 * Without it many who have much to do at the same time would keep all others, a probe of health among them, from being heard.
 */
export class TurnShare {
  #left: number;
  #isCounting = false;
  #next: Promise<void> | undefined;
  #goOn: (() => void) | undefined;

  /** @param perTurn the work of one turn, in the caller's unit; the piece that exceeds it is still done whole */
  constructor(private readonly perTurn: number) {
    this.#left = perTurn;
  }

  /** Undefined where `work` may be done now; else what resolves in the next turn, in which to ask again. */
  take(work: number): Promise<void> | undefined {
    if (this.#left <= 0) return (this.#next ??= new Promise((resolve) => (this.#goOn = resolve)));
    this.#left -= work;
    if (!this.#isCounting) {
      this.#isCounting = true;
      setImmediate(() => this.#renew());
    }
    return undefined;
  }

  #renew(): void {
    const goOn = this.#goOn;
    this.#left = this.perTurn;
    this.#isCounting = false;
    this.#next = this.#goOn = undefined;
    goOn?.();
  }
}
