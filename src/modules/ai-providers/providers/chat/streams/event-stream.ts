import { ProviderError } from '../../../errors/provider.error.js';
import type { StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import type { EndState } from '../answers/answer-ending.js';
import { drain } from '../../wire/response-body.js';
import { SseDecoder } from './sse-decoder.js';
import type { SseEvent, StreamReader } from './stream-reader.js';

/**
 * How long an answer that has ended, as far as its vendor said, waits for what may follow, in milliseconds of silence and
 * altogether since the last content. Our numbers; a terminator or the end of the stream ends each at once.
 * `usage_due`: OpenAI sends the usage in a chunk of its own. The two leave the vendor together, so this only ever runs out at
 * a server that never sends usage and keeps the stream open, with or without keep-alives; long enough for a slow line, since
 * usage that comes too late would be replaced by an estimate. `complete`: only content that takes the end back could come.
 * `doubtful`: the word for the end came with every piece, so the next piece is waited for.
 */
export const PATIENCE: Readonly<Record<Exclude<EndState, 'open'>, { silenceMs: number; totalMs: number }>> = {
  complete: { silenceMs: 250, totalMs: 500 },
  usage_due: { silenceMs: 1_500, totalMs: 3_000 },
  doubtful: { silenceMs: 5_000, totalMs: 10_000 },
};

type Chunk = IteratorResult<Uint8Array>;

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

/** The body's chunks, with a patience that runs out once the answer is known to be ending. */
class HeldSource {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private pending: Promise<Chunk> | undefined;
  /** When the wait for what follows the end began. */
  private endedAt: number | undefined;

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.chunks = chunks;
  }

  get isWaiting(): boolean {
    return this.endedAt !== undefined;
  }

  /** Content came: what is waited for behind it is waited for anew. */
  beginAnew(): void {
    this.endedAt = undefined;
  }

  /** The next chunk; `held` where it does not come soon enough for an answer in that `state`. */
  next(state: EndState): Promise<Chunk | 'held'> {
    return state === 'open' ? this.chunks.next() : this.nextWithin(PATIENCE[state]);
  }

  private async nextWithin({
    silenceMs,
    totalMs,
  }: {
    silenceMs: number;
    totalMs: number;
  }): Promise<Chunk | 'held'> {
    this.endedAt ??= performance.now();
    const patienceMs = Math.min(silenceMs, this.endedAt + totalMs - performance.now());
    this.pending = this.chunks.next();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<'held'>((resolve) => {
      timer = setTimeout(resolve, patienceMs, 'held');
    });
    try {
      const first = await Promise.race([this.pending, patience]);
      if (first !== 'held') this.pending = undefined;
      return first;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads off a bounded rest in the background where the answer is `whole`, closes the stream otherwise. */
  release(whole: boolean): void {
    drain(this.chunks, this.pending, whole);
  }
}
