import { createParser } from 'eventsource-parser';
import { ProviderError } from '../../../errors/provider.error.js';
import type { SseEvent } from './stream-reader.js';

/** Bound of one event in characters. Our number: a whole image in base64 fits, an endless line does not. */
export const MAX_EVENT_CHARS = 16 * 1024 * 1024;

/**
 * Bytes to server-sent events (WHATWG HTML §9.2.6), split anywhere, within a character too. `id` and `retry` are
 * dropped; of comments it only reports that there were some.
 */
export class SseDecoder {
  private events: SseEvent[] = [];
  private overflow = false;
  private commented = false;
  private readonly text = new TextDecoder();
  private readonly parser;

  constructor(maxEventChars = MAX_EVENT_CHARS) {
    this.parser = createParser({
      maxBufferSize: maxEventChars,
      onEvent: (event) => this.events.push(event),
      onComment: () => (this.commented = true),
      onError: (error) => {
        if (error.type === 'max-buffer-size-exceeded') this.overflow = true;
      },
    });
  }

  /** Whether a comment has come since this was asked last. */
  takeComment(): boolean {
    const { commented } = this;
    this.commented = false;
    return commented;
  }

  /** The events that `bytes` completed. @throws ProviderError `malformed` where one event outgrows the bound. */
  feed(bytes: Uint8Array): SseEvent[] {
    return this.parse(this.text.decode(bytes, { stream: true }));
  }

  /**
   * The event that a body ended without closing by an empty line. The standard would drop it; a JSON text that was cut
   * does not parse, so keeping it can only save a whole one.
   */
  flush(): SseEvent[] {
    return this.parse(`${this.text.decode()}\n\n`);
  }

  private parse(text: string): SseEvent[] {
    this.parser.feed(text);
    if (this.overflow) throw new ProviderError('malformed', 'An event of the stream is too large.');
    const { events } = this;
    this.events = [];
    return events;
  }
}
