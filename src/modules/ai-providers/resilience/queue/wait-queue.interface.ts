import type { Clock } from '../../interfaces/clock.interface.js';
import type { RequestPriority } from '../../interfaces/completion.interface.js';

/** Who waits, and for what. */
export interface WaitRequest<Need> {
  priority: RequestPriority;
  /** From then on it is refused, by the monotonic clock. */
  deadlineAt: number;
  signal: AbortSignal;
  /**
   * Those of one lane wait for the same thing (the same set of candidates): where the first of them cannot be served,
   * those behind it are not asked for. Priority holds within a lane; lanes take turns.
   */
  lane: string;
  /** Whose request it is: equals of one lane take turns by caller. Left out: of no particular caller. */
  caller?: string;
  /** What `tryTake` has to know about it. */
  need: Need;
  /** By the monotonic clock: who came earlier goes first among those of its priority. Left out: last. */
  since?: number;
}

/** What `tryTake` says of a waiter. What it grants it has taken. */
export type TakeResult<Grant> =
  | { granted: true; grant: Grant }
  | {
      granted: false;
      /** Ask again after this long even without a notification; Infinity where only a notification can help. */
      waitMs: number;
      /** Whether room cannot come earlier: then who has less time left is refused at once. */
      certain: boolean;
    };

/** What a queue is made of. */
export interface WaitQueueOptions<Need, Grant> {
  clock: Clock;
  /** How many may wait at once, all lanes together. */
  capacity: number;
  /** How many of one named caller may wait at once; left out: as many as may altogether. */
  capacityPerCaller?: number;
  /** Takes what a waiter needs, or says when to ask again. What it throws rejects that waiter alone. */
  tryTake: (request: WaitRequest<Need>) => TakeResult<Grant>;
}
