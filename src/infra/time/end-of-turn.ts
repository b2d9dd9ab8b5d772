let endOfThisTurn: Promise<void> | undefined;

/**
 * Resolves at the end of this turn of the event loop, once all that was ready to be read has been read. Those who wait for
 * it go on side by side, each stage of their work for all of them before the next stage: its code and data are then in the
 * processor's caches, which they are not where each request is carried from its begin to its end by itself. Nobody waits
 * for more to come, and each goes on in the async context in which it waited. The idea is cohort scheduling: J. Larus,
 * M. Parkes, "Using Cohort Scheduling to Enhance Server Performance", USENIX 2002; what it brings: docs/performance.md.
 */
export function endOfTurn(): Promise<void> {
  endOfThisTurn ??= new Promise((resolve) => {
    setImmediate(() => {
      endOfThisTurn = undefined;
      resolve();
    });
  });
  return endOfThisTurn;
}
