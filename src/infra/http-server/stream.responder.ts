import { EVENT_STREAM_HEADERS, EventStreamWriter } from './event-stream.writer.js';
import { begin, type HostResponse } from './raw-exchange.js';

/** How a stream's pieces stand on the wire. */
export interface StreamWire<Chunk> {
  /** Chunks that came together, as events. */
  chunks(group: readonly Chunk[]): string;
  /** What ends a whole stream. */
  end: string;
  /** What ends a stream that broke off. */
  error(thrown: unknown): string;
}

/**
 * Answers with server-sent events. The status goes out with the first group: what is thrown before it is thrown on, so
 * that it can be answered with a status of its own; what is thrown later ends the stream as the wire says.
 */
export async function respondWithStream<Chunk>(
  response: HostResponse,
  groups: AsyncIterableIterator<readonly Chunk[], undefined>,
  wire: StreamWire<Chunk>,
  keepAliveMs: number,
): Promise<void> {
  const first = await groups.next();
  const writer = new EventStreamWriter(begin(response, EVENT_STREAM_HEADERS), keepAliveMs);
  try {
    for (let next = first; !next.done; next = await groups.next()) {
      const caughtUp = writer.write(wire.chunks(next.value));
      if (caughtUp) await caughtUp;
    }
    await writer.write(wire.end);
  } catch (thrown) {
    await writer.write(wire.error(thrown));
  } finally {
    writer.end();
  }
}

/** Answers with JSON that is written already. */
export function respondWithJson(response: HostResponse, json: string): void {
  const length = Buffer.byteLength(json);
  const raw = begin(response, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(length),
  });
  // A text of ASCII alone is the same bytes in both, and is copied as it is in the latter.
  raw.end(json, length === json.length ? 'latin1' : 'utf8');
}
