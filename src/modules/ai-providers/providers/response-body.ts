import { LeanBody } from '../../../infra/http/lean-body.js';
import { ProviderError } from '../errors/provider.error.js';

/** Bound of a plain answer in bytes. Our number: far above any vendor's largest, far below what hurts the process. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** How much of a finished stream's rest is read off to keep its connection: what follows a finish is a few hundred bytes. */
const DRAIN_BYTES = 64 * 1024;
const DRAIN_MS = 1_000;

/** Holds no state, since nothing is decoded piecemeal. */
const UTF8 = new TextDecoder();

/** The body's network reads as they come. */
export function bodyChunks(response: Response): AsyncIterator<Uint8Array> {
  const body = response.body as AsyncIterable<Uint8Array> | null;
  return body === null ? emptyBody() : body[Symbol.asyncIterator]();
}

/** The whole body as text. @throws ProviderError `malformed` where it is larger than `MAX_BODY_BYTES`. */
export async function readBodyText(response: Response): Promise<string> {
  const body: unknown = response.body;
  const whole = body instanceof LeanBody ? body.takeWhole() : null;
  // Far below the bound: a body that nobody reads is not held beyond some reads of a socket.
  if (whole !== null) return UTF8.decode(whole);
  const chunks = bodyChunks(response);
  const read: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) {
    size += chunk.value.byteLength;
    if (size > MAX_BODY_BYTES) {
      close(chunks);
      throw new ProviderError('malformed', `The provider's answer is larger than ${MAX_BODY_BYTES} bytes.`);
    }
    read.push(chunk.value);
  }
  const [only] = read;
  return UTF8.decode(only !== undefined && read.length === 1 ? only : Buffer.concat(read, size));
}

/**
 * The beginning of a body as text, up to `maxBytes`; beyond that it is closed. A body that breaks off is what came of it.
 * Never rejects.
 */
export async function readBodyStart(response: Response, maxBytes: number): Promise<string> {
  const chunks = bodyChunks(response);
  const read: Uint8Array[] = [];
  let size = 0;
  try {
    for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) {
      read.push(chunk.value);
      size += chunk.value.byteLength;
      if (size < maxBytes) continue;
      close(chunks);
      break;
    }
  } catch {
    // A refusal whose body breaks off is that refusal all the same.
  }
  return UTF8.decode(Buffer.concat(read, size).subarray(0, maxBytes));
}

/** Gives a body up unread; its connection is kept where little of it is left. */
export function discardBody(response: Response): void {
  drain(bodyChunks(response), undefined, true);
}

/**
 * Lets go of a body in the background. With `keep`, up to 64 KiB within a second are read off so that the connection
 * is used again; without it, or beyond that, the stream is closed. Never throws: nobody waits for the rest.
 */
export function drain(
  chunks: AsyncIterator<Uint8Array>,
  pending: Promise<IteratorResult<Uint8Array>> | undefined,
  keep: boolean,
): void {
  if (keep) void readOff(chunks, pending);
  else close(chunks);
}

async function readOff(
  chunks: AsyncIterator<Uint8Array>,
  pending: Promise<IteratorResult<Uint8Array>> | undefined,
): Promise<void> {
  const timer = setTimeout(close, DRAIN_MS, chunks);
  timer.unref();
  let left = DRAIN_BYTES;
  try {
    for (let chunk = await (pending ?? chunks.next()); !chunk.done; chunk = await chunks.next()) {
      left -= chunk.value.byteLength;
      if (left < 0) {
        close(chunks);
        return;
      }
    }
  } catch {
    // The answer is complete; what breaks behind it concerns nobody.
  } finally {
    clearTimeout(timer);
  }
}

function close(chunks: AsyncIterator<Uint8Array>): void {
  chunks.return?.().then(undefined, () => undefined);
}

async function* emptyBody(): AsyncGenerator<Uint8Array, void, undefined> {
  // A response without a body reads as one that ends at once.
}
