import { endOfTurn } from '../time/end-of-turn.js';
import { TurnShare } from '../time/turn-share.js';
import { TransportError } from './transport.error.js';

/** How a body speaks to the connection it comes from. */
export interface BodySource {
  pause(): void;
  resume(): void;
  /** Closes the connection; nothing more comes. */
  abort(): void;
}

/** Bytes held before the connection is paused; Node's own file and socket buffers have the same size. */
const HIGH_WATER_MARK = 64 * 1024;

/**
 * Bytes held when a paused connection goes on. Each time undici goes on it copies all that it has read meanwhile: to do so for
 * every event would cost a hundred times the bytes, in time and in memory.
 */
const LOW_WATER_MARK = 8 * 1024;

/**
 * What all bodies that are iterated hand out in one turn of the event loop. Our number: the events of so many bytes take a few
 * milliseconds to read and to write on.
 */
const share = new TurnShare(128 * 1024);

/**
 * The bytes of an answer, readable once: either by iterating (chunks as they came from the socket; not pulling pauses
 * the connection) or at a stroke by `text`, `json`, `bytes`. What had arrived before a connection broke is given out
 * before the `TransportError`. Leaving a `for await` early closes the connection; see `openEnded` to keep it.
 */
export class LeanBody implements AsyncIterableIterator<Buffer> {
  readonly #source: BodySource;
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #held = 0;
  #paused = false;
  #ended = false;
  #error: Error | null = null;
  #used = false;
  #left = false;
  /** Set while the whole body is being collected: then nothing pauses the connection. */
  #collecting = false;
  #settle: (() => void) | null = null;

  constructor(source: BodySource, maxBytes: number) {
    this.#source = source;
    this.#maxBytes = maxBytes;
  }

  /** Whether reading has begun. */
  get used(): boolean {
    return this.#used;
  }

  /** Takes a chunk from the connection. */
  push(chunk: Buffer): void {
    if (this.#left) return;
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#collecting) {
      if (this.#held > this.#maxBytes) this.#refuseSize();
      return;
    }
    if (this.#held >= HIGH_WATER_MARK && !this.#paused) {
      this.#paused = true;
      this.#source.pause();
    }
    this.#wake();
  }

  /** The connection says that this was all. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** The connection broke, or we broke it; `dropHeld` when the reader does not want what is held. */
  fail(error: Error, dropHeld = false): void {
    if (this.#ended || this.#error !== null) return;
    this.#error = error;
    if (dropHeld) this.#drop();
    this.#wake();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Buffer, undefined>> {
    this.#used = true;
    for (;;) {
      const [chunk] = this.#chunks;
      if (chunk !== undefined) {
        const nextTurn = share.take(chunk.length);
        if (nextTurn) {
          await nextTurn;
          continue;
        }
        this.#chunks.shift();
        this.#held -= chunk.length;
        if (this.#paused && this.#held < LOW_WATER_MARK) this.#resume();
        return { value: chunk, done: false };
      }
      if (this.#error !== null) throw this.#error;
      if (this.#ended || this.#left) return { value: undefined, done: true };
      await new Promise<void>((settle) => (this.#settle = settle));
    }
  }

  /** Ends the reading: closes the connection unless everything had come. */
  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.discard();
    return Promise.resolve({ value: undefined, done: true });
  }

  /** Iterates without closing the connection when the loop is left early: the reader then calls `drain` or `discard`. */
  openEnded(): AsyncIterable<Buffer> {
    return { [Symbol.asyncIterator]: () => ({ next: () => this.next() }) };
  }

  /** The reader stops: closes the connection unless everything had come. Never throws. */
  discard(): void {
    if (this.#left) return;
    this.#left = true;
    this.#used = true;
    this.#drop();
    if (!this.#ended && this.#error === null) this.#source.abort();
    this.#wake();
  }

  /** As the web's `ReadableStream` names it. */
  cancel(): Promise<void> {
    this.discard();
    return Promise.resolve();
  }

  /**
   * Reads and forgets the rest so that the connection can be used again; closes it when more than `limitBytes` come or
   * `signal` aborts first. Never throws. True when the end was reached.
   */
  async drain(limitBytes: number, signal?: AbortSignal): Promise<boolean> {
    const stop = (): void => this.discard();
    if (signal?.aborted) stop();
    signal?.addEventListener('abort', stop, { once: true });
    try {
      for (let total = 0; total <= limitBytes;) {
        const { value, done } = await this.next();
        if (done === true) return this.#ended;
        total += value.length;
      }
      return false;
    } catch {
      return false; // A connection that broke while being drained is no news to anybody.
    } finally {
      signal?.removeEventListener('abort', stop);
      this.discard();
    }
  }

  /** The whole body where all of it has come, as it nearly always has when the head has; else null, with nothing read. */
  takeWhole(): Buffer | null {
    if (!this.#ended || this.#used) return null;
    this.#used = true;
    return this.#takeHeld();
  }

  /** The whole body; throws `TransportError` when it breaks off or grows over the transport's limit. */
  async bytes(): Promise<Buffer> {
    if (this.#used) throw new TypeError('the body was read already');
    this.#used = true;
    this.#collecting = true;
    if (this.#held > this.#maxBytes) this.#refuseSize();
    if (this.#paused) this.#resume();
    while (!this.#ended && this.#error === null) {
      await new Promise<void>((settle) => (this.#settle = settle));
    }
    if (this.#error !== null) throw this.#error;
    return this.#takeHeld();
  }

  /** The whole body as UTF-8 without a byte order mark. */
  async text(): Promise<string> {
    const bytes = await this.bytes();
    const marked = bytes.length > 2 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    return bytes.toString('utf8', marked ? 3 : 0);
  }

  #takeHeld(): Buffer {
    const [first] = this.#chunks;
    const whole =
      first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks, this.#held);
    this.#drop();
    return whole;
  }

  #refuseSize(): void {
    this.fail(new TransportError('connection', `the answer is larger than ${this.#maxBytes} bytes`), true);
    this.#source.abort();
  }

  #resume(): void {
    this.#paused = false;
    this.#source.resume();
  }

  #drop(): void {
    this.#chunks = [];
    this.#held = 0;
  }

  #wake(): void {
    const settle = this.#settle;
    this.#settle = null;
    if (settle) void endOfTurn().then(settle);
  }
}
