/** What tells that somebody gave up: an `AbortSignal`, or less that will do. */
export interface CancelSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(event: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(event: 'abort', listener: () => void): void;
}

/** A signal with what sends it. */
export interface CancelSource extends CancelSignal {
  /** A second call changes nothing. */
  abort(reason: unknown): void;
}
