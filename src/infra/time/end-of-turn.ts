/** After so many turns in a row in which one waited alone, as many who come after are not made to wait. */
const LONELY_TURNS = 16;

const NOW = Promise.resolve();

/** The ends of an event loop's turns, for what is to go on together. */
export class TurnEnds {
  #end: Promise<void> | undefined;
  #waiting = 0;
  #lonelyTurns = 0;
  #unwaited = 0;

  /**
   * Resolves at the end of this turn, once all that was ready to be read has been read. Those who wait for it go on
   * together, each stage of their work for all of them before the next stage: its code and data are then in the
   * processor's caches, which they are not where each request is carried from its begin to its end by itself. It does not wait
   * for more to come, and each goes on in the async context in which it waited. Where no other call would go on with it, it
   * resolves at once: while turn after turn has one who waits, only one call in a few waits, to see whether that has changed.
   * The idea is cohort scheduling: J. Larus, M. Parkes, "Using Cohort Scheduling to Enhance Server Performance", USENIX
   * 2002; what it brings: docs/performance.md.
   */
  next(): Promise<void> {
    if (this.#end === undefined && this.#unwaited > 0) {
      this.#unwaited -= 1;
      return NOW;
    }
    this.#waiting += 1;
    this.#end ??= new Promise((resolve) => {
      setImmediate(() => {
        this.#end = undefined;
        this.#count();
        resolve();
      });
    });
    return this.#end;
  }

  #count(): void {
    this.#lonelyTurns = this.#waiting > 1 ? 0 : this.#lonelyTurns + 1;
    this.#waiting = 0;
    if (this.#lonelyTurns >= LONELY_TURNS) this.#unwaited = LONELY_TURNS;
  }
}

const turnEnds = new TurnEnds();

/** The end of this turn, for all of this process: see `TurnEnds.next`. */
export function endOfTurn(): Promise<void> {
  return turnEnds.next();
}
