/** Says whether the work has been cancelled: an `AbortSignal`, or the part of it that suffices. */
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
