import { LeanBody } from '../../../../infra/http-client/lean-body.js';
import { ProviderError } from '../../errors/provider.error.js';
import { close, drain } from './body-drain.js';
import { formOf, type BodyForm } from './body-form.js';

/**
 * Bound of a plain answer in bytes, decompressed. Our number: ten times the longest text that a model writes, a picture in
 * base64 included, and little enough to be parsed within a fraction of a second.
 */
export const MAX_BODY_BYTES = 16 * 1024 * 1024;

/** How much white space may stand before an answer. */
const MAX_BLANK_BYTES = 64 * 1024;

/** Holds no state, since nothing is decoded piecemeal. */
const UTF8 = new TextDecoder();

type Chunks = AsyncIterator<Uint8Array>;

/** A body of which enough has been read to know what it is. */
export interface OpenedBody {
  form: BodyForm;
  /** The body from its first byte on. */
  chunks: Chunks;
  /** All of it, where all had come already; then `chunks` holds nothing else. */
  whole?: Uint8Array;
}

/** Reads a body's beginning; at once where all of it has come, as it nearly always has for a plain answer. */
export function openBody(response: Response): OpenedBody | Promise<OpenedBody> {
  const body: unknown = response.body;
  // Far below the bound: of a body that is not read, only some reads of a socket are held.
  const whole = body instanceof LeanBody ? body.takeWhole() : null;
  if (whole !== null) return { form: formOf(whole), chunks: new ReadAgain([whole]), whole };
  return openChunks(chunksOf(response));
}

/** The body's network reads as they come. */
function chunksOf(response: Response): Chunks {
  const body = response.body as AsyncIterable<Uint8Array> | null;
  return body === null ? emptyBody() : body[Symbol.asyncIterator]();
}

async function openChunks(source: Chunks): Promise<OpenedBody> {
  const read: Uint8Array[] = [];
  let size = 0;
  let form: BodyForm = 'undecided';
  while (form === 'undecided' && size <= MAX_BLANK_BYTES) {
    const chunk = await source.next();
    if (chunk.done) break;
    size += chunk.value.byteLength;
    read.push(chunk.value);
    form = formOf(joined(read, size));
  }
  return { form, chunks: new ReadAgain(read, source) };
}

/** The whole body as text. @throws ProviderError `malformed` where it is larger than `MAX_BODY_BYTES`. */
export async function readBodyText({ chunks, whole }: Pick<OpenedBody, 'chunks' | 'whole'>): Promise<string> {
  if (whole !== undefined) return UTF8.decode(whole);
  const { read, size, isWhole } = await readUpTo(chunks, MAX_BODY_BYTES);
  if (!isWhole) {
    throw new ProviderError('malformed', `The provider's answer is larger than ${MAX_BODY_BYTES} bytes.`);
  }
  return UTF8.decode(joined(read, size));
}

/** Reads until the body ends or has more than `limit` bytes; then it is closed. */
async function readUpTo(
  chunks: Chunks,
  limit: number,
): Promise<{ read: Uint8Array[]; size: number; isWhole: boolean }> {
  const read: Uint8Array[] = [];
  let size = 0;
  for (let chunk = await chunks.next(); !chunk.done; chunk = await chunks.next()) {
    size += chunk.value.byteLength;
    read.push(chunk.value);
    if (size <= limit) continue;
    close(chunks);
    return { read, size, isWhole: false };
  }
  return { read, size, isWhole: true };
}

function joined(read: Uint8Array[], size: number): Uint8Array {
  const [only] = read;
  return only !== undefined && read.length === 1 ? only : Buffer.concat(read, size);
}

/** What was read of a body already, and then its rest. */
class ReadAgain implements Chunks {
  constructor(
    private readonly read: Uint8Array[],
    private readonly rest?: Chunks,
  ) {}

  next(): Promise<IteratorResult<Uint8Array>> {
    const value = this.read.shift();
    if (value !== undefined) return Promise.resolve({ value, done: false });
    return this.rest?.next() ?? Promise.resolve({ value: undefined, done: true });
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.read.length = 0;
    return this.rest?.return?.() ?? Promise.resolve({ value: undefined, done: true });
  }
}

/**
 * The beginning of a body as text, up to `maxBytes`; beyond that it is closed. A body that breaks off is what came of it.
 * Never rejects.
 */
export async function readBodyStart(response: Response, maxBytes: number): Promise<string> {
  const chunks = chunksOf(response);
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
  drain(chunksOf(response), undefined, true);
}

async function* emptyBody(): AsyncGenerator<Uint8Array, void, undefined> {
  // A response without a body reads as one that ends at once.
}
