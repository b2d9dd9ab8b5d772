import { ProviderError } from '../errors/provider.error.js';
import type { ProviderAnswer, StreamPart } from '../interfaces/ai-adapter.interface.js';
import { bodyChunks, drain } from './response-body.js';
import { SseDecoder } from './sse-decoder.js';
import type { SseEvent, StreamReader } from './stream-reader.js';

/**
 * How long a finish reason waits for the usage that OpenAI sends in a chunk of its own, in milliseconds of silence and
 * altogether. Our numbers: the two leave the vendor together, so they only ever run out at a server that never sends
 * usage and keeps the stream open, with or without keep-alives. Long enough for a slow line: usage that comes too late
 * would be replaced by an estimate.
 */
export const FINISH_HOLD_MS = 1_500;
export const FINISH_HOLD_TOTAL_MS = 3_000;

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
    response: Response,
    private readonly reader: StreamReader,
  ) {
    this.source = new HeldSource(bodyChunks(response));
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
      chunk = await this.source.next(reader.ending);
      if (chunk === 'held') return { parts: reader.end(), finished: true };
      events = chunk.done ? this.decoder.flush() : this.decoder.feed(chunk.value);
    } catch (error) {
      if (reader.ending) return { parts: reader.end(), finished: true };
      return { parts: [], finished: false, failure: error as Error };
    }
    const batch = digest(events, reader);
    return chunk.done && !batch.finished && !batch.failure ? closeOff(batch, reader) : batch;
  }

  private close(whole: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    this.source.release(whole);
  }
}

/** A whole answer as the parts of a stream, for a server that does not stream though asked to. */
export function partsOfAnswer(answer: ProviderAnswer): StreamPart[] {
  const { id, model, reasoning, content, toolCalls = [], finishReason, rawFinishReason, usage } = answer;
  const parts: StreamPart[] = [{ type: 'start', id, model }];
  if (reasoning) parts.push({ type: 'reasoning', text: reasoning });
  if (content) parts.push({ type: 'text', text: content });
  toolCalls.forEach((call, index) => parts.push({ type: 'tool_call', delta: { index, ...call } }));
  parts.push({ type: 'finish', finishReason, rawFinishReason, usage });
  return parts;
}

/** The body is over: what was held back comes now, or the answer was cut. */
function closeOff({ parts }: Batch, reader: StreamReader): Batch {
  parts.push(...reader.end());
  if (parts.at(-1)?.type === 'finish') return { parts, finished: true };
  const failure = new ProviderError('truncated', 'The stream ended before the answer did.');
  return { parts, finished: false, failure };
}

function digest(events: SseEvent[], reader: StreamReader): Batch {
  const parts: StreamPart[] = [];
  for (const event of events) {
    try {
      for (const part of reader.read(event)) {
        parts.push(part);
        if (part.type === 'finish') return { parts, finished: true };
      }
    } catch (error) {
      if (reader.ending) return { parts: [...parts, ...reader.end()], finished: true };
      return { parts, finished: false, failure: error as Error };
    }
  }
  return { parts, finished: false };
}

/** The body's chunks, with a patience that runs out once the answer is known to be ending. */
class HeldSource {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private pending: Promise<Chunk> | undefined;
  private deadline: number | undefined;

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.chunks = chunks;
  }

  /** The next chunk; `held` where it does not come soon enough though the answer is `ending`. */
  next(ending: boolean): Promise<Chunk | 'held'> {
    return ending ? this.nextWithin() : this.chunks.next();
  }

  private async nextWithin(): Promise<Chunk | 'held'> {
    this.deadline ??= performance.now() + FINISH_HOLD_TOTAL_MS;
    const patienceMs = Math.min(FINISH_HOLD_MS, this.deadline - performance.now());
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
