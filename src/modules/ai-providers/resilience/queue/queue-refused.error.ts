/** `full`: no place; `too_long`: room is known to come after the waiter's deadline; `expired`: it passed while waiting. */
export type QueueRefusal = 'full' | 'too_long' | 'expired';

/** The queue did not serve a request. The code that waited translates it into an answer. */
export class QueueRefusedError extends Error {
  /** @param waitMs when there may be room, in milliseconds from now, where that is known */
  constructor(
    readonly refusal: QueueRefusal,
    readonly waitMs?: number,
  ) {
    super(TEXT[refusal]);
    this.name = 'QueueRefusedError';
  }
}

const TEXT: Record<QueueRefusal, string> = {
  full: 'The queue is full.',
  too_long: 'There will be no room before the request has to end.',
  expired: 'There was no room before the request had to end.',
};
