/**
 * The machine's time and timers, in the form of the module's `Clock`. A timer keeps the process alive until it fires or
 * is cancelled: it stands for a request that waits. A delay beyond what Node's timers take (2^31 - 1 ms, see
 * https://nodejs.org/api/timers.html#settimeoutcallback-delay-args) is cut to that.
 */
export const systemClock = {
  monotonic: (): number => Math.floor(performance.now()),
  wallTime: (): number => Date.now(),
  schedule: (delayMs: number, callback: () => void): (() => void) => {
    const timer = setTimeout(callback, Math.min(delayMs, MAX_DELAY_MS));
    return () => {
      clearTimeout(timer);
    };
  },
};

const MAX_DELAY_MS = 2_147_483_647;
