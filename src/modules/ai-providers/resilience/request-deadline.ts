import { AIError } from '../errors/ai.error.js';
import type { CancelSignal } from '../interfaces/cancel-signal.interface.js';
import type { Clock } from '../interfaces/clock.interface.js';

/**
 * What bounds one request as a whole: the caller's own abort and the request's `timeout`. It ends with the `AIError`
 * that the caller is to see. Most requests never wait for anything but their call: an `AbortSignal`, which costs more
 * than all else here, is made for those that ask for one.
 */
export class RequestDeadline {
  private controller: AbortController | undefined;
  private ended: AIError | null = null;
  private readonly listeners: ((reason: AIError) => void)[] = [];
  private readonly cancelTimer: (() => void) | undefined;
  private readonly onCallerAbort = (): void => {
    const reason: unknown = this.caller?.reason;
    this.abort(
      reason instanceof AIError
        ? reason
        : new AIError('CLIENT_CLOSED_REQUEST', 'The caller ended the request', { cause: reason }),
    );
  };
  /** When the request began, by the monotonic clock. */
  readonly beganAt: number;
  /** When the request's own timeout runs out, by the monotonic clock. */
  readonly endsAt: number;

  constructor(
    clock: Clock,
    timeoutMs: number | undefined,
    private readonly caller: CancelSignal | undefined,
  ) {
    this.beganAt = clock.monotonic();
    this.endsAt = timeoutMs === undefined ? Infinity : this.beganAt + timeoutMs;
    if (timeoutMs !== undefined) {
      this.cancelTimer = clock.schedule(timeoutMs, () =>
        this.abort(
          new AIError('DEADLINE_EXCEEDED', `The request did not end within its timeout of ${timeoutMs} ms`),
        ),
      );
    }
    if (caller?.aborted) this.onCallerAbort();
    else caller?.addEventListener('abort', this.onCallerAbort, { once: true });
  }

  /** Aborted with the error the request ends with. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.ended) this.controller.abort(this.ended);
    }
    return this.controller.signal;
  }

  /** The error the request ended with, once it has been aborted. */
  get reason(): AIError | null {
    return this.ended;
  }

  /** Calls `listener` once the request is aborted, at once where it has been; gives what takes that back. */
  onAbort(listener: (reason: AIError) => void): () => void {
    if (this.ended) listener(this.ended);
    else this.listeners.push(listener);
    return () => {
      const place = this.listeners.indexOf(listener);
      if (place >= 0) this.listeners.splice(place, 1);
    };
  }

  /** `work`, or the error that the request ends with where it ends first. */
  interrupting<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const unfollow = this.onAbort(reject);
      void work.finally(() => unfollow()).then(resolve, reject);
    });
  }

  throwIfAborted(): void {
    if (this.ended) throw this.ended;
  }

  /** Lets go of the timer and the caller's signal. To be called once the request is over. */
  release(): void {
    this.cancelTimer?.();
    this.caller?.removeEventListener('abort', this.onCallerAbort);
  }

  /** Asked before the work of the request is ended: true where others want it to go on without its caller. */
  goesOnWithout: ((reason: AIError) => boolean) | undefined;

  /** Ends the request with `reason`; the first reason stands. */
  abort(reason: AIError): void {
    if (this.ended || this.goesOnWithout?.(reason)) return;
    this.ended = reason;
    // A listener may remove another that has not been called yet.
    for (let next = this.listeners.shift(); next; next = this.listeners.shift()) next(reason);
    this.controller?.abort(reason);
  }
}
