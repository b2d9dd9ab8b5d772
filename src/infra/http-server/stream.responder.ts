import { EVENT_STREAM_HEADERS, EventStreamWriter } from './event-stream.writer.js';
import { begin, rawResponse, type HostResponse } from './raw-exchange.js';

/** An iteration whose reader may leave it. */
interface LeavableIterator<T> extends AsyncIterableIterator<T, undefined> {
  return(): Promise<IteratorResult<T, undefined>>;
}

/** How a stream's pieces stand on the wire. */
export interface StreamWire<Chunk> {
  /** Chunks that came together, as events. */
  chunks(group: readonly Chunk[]): string;
  /** What ends a whole stream. */
  end: string;
  /** What ends a stream that broke off. */
  error(thrown: unknown): string;
}

/** How long, in milliseconds, something may last while a stream is answered. */
export interface StreamPatience {
  /** Silence after which an open stream gets a comment line. */
  readonly keepAliveMs: number;
  /** Silence after which the head goes out before the first group. */
  readonly openAfterMs: number;
  /** How long a reader may take nothing before he counts as gone. */
  readonly readerTimeoutMs: number;
}

/**
 * Answers with server-sent events. The status goes out with the first group, or with a comment when that does not come in
 * time, so that no proxy takes the connection for dead: what is thrown before it is thrown on, so that it can be
 * answered with a status of its own; what is thrown later ends the stream as the wire says.
 */
export async function respondWithStream<Chunk>(
  response: HostResponse,
  groups: LeavableIterator<readonly Chunk[]>,
  wire: StreamWire<Chunk>,
  patience: StreamPatience,
): Promise<void> {
  const opening = new StreamOpening(response, patience);
  try {
    const first = await opening.before(groups.next());
    const writer = opening.open();
    for (let next = first; !next.done; next = await groups.next()) {
      const caughtUp = writer.write(wire.chunks(next.value));
      if (caughtUp) await caughtUp;
    }
    await writer.write(wire.end);
  } catch (thrown) {
    if (opening.writer === undefined) throw thrown;
    await opening.writer.write(wire.error(thrown));
  } finally {
    opening.writer?.end();
    await groups.return();
  }
}

/** The moment at which a stream's head goes out. */
class StreamOpening {
  writer: EventStreamWriter | undefined;

  constructor(
    private readonly response: HostResponse,
    private readonly patience: StreamPatience,
  ) {}

  /** Sends the head, if it has not gone out. */
  open(): EventStreamWriter {
    const { keepAliveMs, readerTimeoutMs } = this.patience;
    this.writer ??= new EventStreamWriter(
      begin(this.response, EVENT_STREAM_HEADERS),
      keepAliveMs,
      readerTimeoutMs,
    );
    return this.writer;
  }

  /** Waits for `first`; when that takes too long the head goes out with a comment. */
  async before<T>(first: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.openEarly(), this.patience.openAfterMs);
    try {
      return await first;
    } finally {
      clearTimeout(timer);
    }
  }

  private openEarly(): void {
    const raw = rawResponse(this.response);
    // The caller may be gone, or the host have answered in our place: that ends the stream by itself.
    if (!raw.headersSent && !raw.destroyed) void this.open().write(': open\n\n');
  }
}

/** Answers with JSON that is written already. A caller who reads nothing of it for `readerTimeoutMs` counts as gone. */
export function respondWithJson(response: HostResponse, json: string, readerTimeoutMs: number): void {
  const length = Buffer.byteLength(json);
  const raw = begin(response, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(length),
  });
  // A text of ASCII alone is the same bytes in both, and is copied as it is in the latter.
  raw.end(json, length === json.length ? 'latin1' : 'utf8');
  // Node begins the time anew as often as some of it has been taken, and undoes it with the end of the response.
  if ((raw.socket?.writableLength ?? 0) > 0) raw.setTimeout(readerTimeoutMs, () => raw.destroy());
}
