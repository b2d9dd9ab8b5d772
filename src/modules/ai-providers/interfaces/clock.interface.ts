/**
 * Time, handed in so that every state machine and timer can be driven by a test. Two readings that must not be mixed: each
 * has a name that says what it is for, and none is called `now`.
 */
export interface Clock {
  /**
   * Whole milliseconds since some fixed moment of this process: durations, deadlines, cooldowns and latencies. It never goes
   * back, whatever becomes of the machine's time, and means nothing to another process.
   */
  monotonic(): number;
  /** Milliseconds since the epoch, for what is shown or stored. It jumps when the machine's time is set. */
  wallTime(): number;
  /** Calls `callback` once after `delayMs`; the returned function cancels it. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** A source of randomness in [0, 1), handed in for the same reason. */
export type Random = () => number;

/** Token under which Nest injects the `Clock`. */
export const CLOCK = Symbol('Clock');
