import type { Clock } from '../../interfaces/clock.interface.js';
import type { WaitRequest } from './wait-queue.interface.js';

/** One who waits: settled once, and its timer and listener end with that. */
export class QueueWaiter<Need, Grant> {
  private settled = false;
  private forget: () => void = () => undefined;

  constructor(
    readonly request: WaitRequest<Need>,
    private readonly resolve: (grant: Grant) => void,
    private readonly reject: (reason: unknown) => void,
  ) {}

  get isSettled(): boolean {
    return this.settled;
  }

  grant(grant: Grant): void {
    this.settled = true;
    this.forget();
    this.resolve(grant);
  }

  refuse(reason: unknown): void {
    this.settled = true;
    this.forget();
    this.reject(reason);
  }

  /** Calls `onAbort` or `onDeadline`, once and in time, as long as it is not settled, and `onSettled` when it is. */
  watch(clock: Clock, onAbort: () => void, onDeadline: () => void, onSettled: () => void): void {
    const { signal, deadlineAt } = this.request;
    const cancel = clock.schedule(Math.max(0, deadlineAt - clock.monotonic()), onDeadline);
    signal.addEventListener('abort', onAbort, { once: true });
    this.forget = () => {
      onSettled();
      cancel();
      signal.removeEventListener('abort', onAbort);
    };
  }
}
