import { ProviderError } from '../../../errors/provider.error.js';
import type { StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import { HeldSource } from './held-source.js';
import type { Chunk } from './held-source.js';
import { SseDecoder } from './sse-decoder.js';
import type { SseEvent, StreamReader } from './stream-reader.js';

/** What one network read came to. */
interface Batch {
  parts: StreamPart[];
  finished: boolean;
  failure?: Error;
}

/**
 * The parts of an event stream, those of one network read together. Ends right after `finish`, whatever else the
 * vendor would send: the rest is read off in the background so that the connection can be used again. Left early, it
 * closes the upstream stream. It is read one after the other, and is no generator since those cost more turns a read.
 *
 * @throws ProviderError `truncated` where the stream ends without a finish reason; what the reader or the body throws.
 */
export class EventStream implements AsyncIterableIterator<readonly StreamPart[], undefined> {
  private readonly source: HeldSource;
  private readonly decoder = new SseDecoder();
  private isOver = false;
  /** What is thrown once the parts before it have been handed out. */
  private failure: Error | undefined;

  constructor(
    chunks: AsyncIterator<Uint8Array>,
    private readonly reader: StreamReader,
  ) {
    this.source = new HeldSource(chunks);
  }

  async next(): Promise<IteratorResult<readonly StreamPart[], undefined>> {
    while (!this.isOver) {
      const { parts, finished, failure } = await this.nextBatch();
      if (finished || failure) this.close(finished);
      this.failure = failure;
      if (parts.length > 0) return { value: parts, done: false };
    }
    const { failure } = this;
    this.failure = undefined;
    if (failure) throw failure;
    return { value: undefined, done: true };
  }

  return(): Promise<IteratorResult<readonly StreamPart[], undefined>> {
    this.failure = undefined;
    this.close(false);
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private async nextBatch(): Promise<Batch> {
    const { reader } = this;
    let chunk: Chunk | 'held';
    let events: SseEvent[];
    try {
      chunk = await this.source.next(reader.state);
      if (chunk === 'held') return closeOff([], reader);
      events = chunk.done ? this.decoder.flush() : this.decoder.feed(chunk.value);
    } catch (error) {
      if (hasEnded(reader)) return closeOff([], reader);
      return { parts: [], finished: false, failure: error as Error };
    }
    const batch = digest(events, reader);
    if (this.decoder.takeComment() && batch.parts.length === 0) batch.parts.push({ type: 'sign_of_life' });
    if (this.source.isWaiting && batch.parts.some(bearsContent)) this.source.beginAnew();
    return chunk.done && !batch.finished && !batch.failure ? closeOff(batch.parts, reader) : batch;
  }

  private close(whole: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    this.source.release(whole);
  }
}

function bearsContent({ type }: StreamPart): boolean {
  return type === 'text' || type === 'reasoning' || type === 'refusal' || type === 'tool_call';
}

/** Whether the answer is whole, whatever happens to its stream. */
function hasEnded({ state }: StreamReader): boolean {
  return state === 'usage_due' || state === 'complete';
}

/** Nothing more is read: what was held back comes now, or the answer was cut. */
function closeOff(parts: StreamPart[], reader: StreamReader): Batch {
  try {
    parts.push(...reader.end());
  } catch (error) {
    return { parts, finished: false, failure: error as Error };
  }
  if (parts.at(-1)?.type === 'finish') return { parts, finished: true };
  const failure = new ProviderError('truncated', 'The stream ended before the answer did.');
  return { parts, finished: false, failure };
}

function digest(events: SseEvent[], reader: StreamReader): Batch {
  const parts: StreamPart[] = [];
  for (const event of events) {
    let read: StreamPart[];
    try {
      read = reader.read(event);
    } catch (error) {
      // What a vendor says after the end is not about the answer.
      if (hasEnded(reader)) return closeOff(parts, reader);
      return { parts, finished: false, failure: error as Error };
    }
    for (const part of read) {
      parts.push(part);
      if (part.type === 'finish') return { parts, finished: true };
    }
  }
  return { parts, finished: false };
}
