import type { Clock } from '../../src/modules/ai-providers/interfaces/clock.interface.js';

interface Timer {
  due: number;
  order: number;
  callback: () => void;
}

/** A clock that stands still until a test moves it. */
export class FakeClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now = 0;
  #order = 0;
  #wallTimeAtStart: number;

  /** Starts at the given milliseconds since the epoch. */
  constructor(start = 1_700_000_000_000) {
    this.#wallTimeAtStart = start;
  }

  monotonic(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#wallTimeAtStart + this.#now;
  }

  /** Sets the machine's time forward or back, as an operator or NTP would; nothing falls due by it. */
  setWallTime(byMs: number): void {
    this.#wallTimeAtStart += byMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { due: this.#now + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** How many callbacks wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /**
   * Moves time on by `ms`, running what falls due in order of time, then of scheduling, at its own moment. Promises
   * settle before the first, between any two, and after the last, so that a callback may schedule the next.
   */
  async advance(ms: number): Promise<void> {
    const target = this.#now + ms;
    await settled();
    for (let timer = this.#earliest(target); timer !== undefined; timer = this.#earliest(target)) {
      this.#timers.delete(timer);
      this.#now = Math.max(this.#now, timer.due);
      timer.callback();
      await settled();
    }
    this.#now = Math.max(this.#now, target);
  }

  #earliest(until: number): Timer | undefined {
    let earliest: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.due > until) continue;
      if (earliest === undefined || timer.due < earliest.due) earliest = timer;
    }
    return earliest;
  }
}

/** Microtasks all run before the event loop's next phase. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
