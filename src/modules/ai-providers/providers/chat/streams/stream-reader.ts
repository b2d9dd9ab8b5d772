import type { StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import type { EndState } from '../answers/answer-ending.js';

/** One server-sent event as it came off the wire. */
export interface SseEvent {
  /** The `event:` field; absent where the server named none. */
  event?: string;
  data: string;
}

/**
 * Turns a vendor's events into parts. Pure and stateful; one per stream. Both methods may throw `ProviderError` where
 * the vendor reports an error inside the stream, or where its reason for the end is one; the parts already returned stand.
 */
export interface StreamReader {
  /**
   * How far the answer has come. Once it has ended, `usage_due` or `complete`, whatever goes wrong with the stream no longer
   * spoils the answer.
   */
  readonly state: EndState;
  /**
   * The parts of one event; `finish` at the vendor's own terminator alone, since until then more may follow. Data that
   * is not what the vendor sends gives a `malformed` part and leaves the state alone.
   */
  read(event: SseEvent): StreamPart[];
  /** No more events will be read: gives the `finish` that was held back, or nothing where no reason for the end came. */
  end(): StreamPart[];
}
