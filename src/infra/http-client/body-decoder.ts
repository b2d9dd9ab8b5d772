import type { Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw } from 'node:zlib';
import type { BodySource, LeanBody } from './lean-body.js';
import { TransportError } from './transport.error.js';

/** How JSON and event streams begin. A server may name a coding that it did not apply. */
const PLAIN_TEXT = /^(?:\xef\xbb\xbf)?\s*(?:[{[]\s*["{[}\]]|(?:data|event|id|retry)?:)/;
const PLAIN_TEXT_BYTES = 32;

/**
 * The coding that a `content-encoding` header says to undo (RFC 9110 §8.4), in lower case; undefined where there is none. Of
 * several it is the last: no server applies more than one, though some name it twice.
 */
export function codingOf(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  const codings = String(header)
    .toLowerCase()
    .split(',')
    .map((coding) => coding.trim())
    .filter((coding) => coding !== '' && coding !== 'identity');
  return codings.at(-1);
}

/** Whether bytes begin as gzip's do (RFC 1952 §2.3.1), which no text does. */
export function isGzip(chunk: Buffer): boolean {
  return chunk[0] === 0x1f && (chunk.length < 2 || chunk[1] === 0x8b);
}

/**
 * Undoes one content coding of a body as it streams. It holds no more than some tens of kilobytes whatever a few bytes
 * inflate to: while its reader does not pull, neither it nor the connection goes on. A body that is not coded as its label says,
 * passes as it is.
 */
export class BodyDecoder implements BodySource {
  readonly #coding: string | undefined;
  readonly #source: BodySource;
  readonly #body: LeanBody;
  /** Null where nothing is to be undone; undefined until the first bytes have come. */
  #zlib: Transform | null | undefined;
  #isPaused = false;
  #hasEnded = false;
  #failure: Error | null = null;

  /** @param coding the one that the header names; gzip needs no name */
  constructor(coding: string | undefined, source: BodySource, body: LeanBody) {
    this.#coding = coding;
    this.#source = source;
    this.#body = body;
  }

  push(chunk: Buffer): void {
    if (this.#zlib === undefined) this.#zlib = this.#open(chunk);
    if (this.#zlib === null) this.#body.push(chunk);
    else if (!this.#zlib.destroyed && !this.#zlib.write(chunk)) this.#source.pause();
  }

  end(): void {
    this.#hasEnded = true;
    if (this.#zlib) this.#zlib.end();
    else this.#body.end();
  }

  /** The connection broke: what had come before is decoded and given out first. */
  fail(error: Error): void {
    this.#failure = error;
    if (this.#zlib) this.#zlib.end();
    else this.#body.fail(error);
  }

  /** Drops what is left: the reader wants no more. */
  destroy(): void {
    this.#zlib?.destroy();
  }

  pause(): void {
    this.#isPaused = true;
    if (this.#zlib) this.#zlib.pause();
    else this.#source.pause();
  }

  resume(): void {
    this.#isPaused = false;
    if (this.#zlib) this.#zlib.resume();
    else this.#source.resume();
  }

  abort(): void {
    this.destroy();
    this.#source.abort();
  }

  #open(first: Buffer): Transform | null {
    const zlib = decompressorFor(this.#coding, first);
    if (zlib === null) return null;
    zlib.on('data', (chunk: Buffer) => this.#body.push(chunk));
    zlib.on('drain', () => this.#source.resume());
    zlib.on('end', () => (this.#failure ? this.#body.fail(this.#failure) : this.#body.end()));
    zlib.on('error', (cause) => {
      const broken = new TransportError('connection', 'the compressed answer is cut or broken', cause);
      this.#body.fail(this.#failure ?? broken);
      // The rest cannot be read, and a paused connection would wait for ever.
      if (!this.#hasEnded && !this.#failure) this.#source.abort();
    });
    if (this.#isPaused) zlib.pause();
    return zlib;
  }
}

function decompressorFor(coding: string | undefined, first: Buffer): Transform | null {
  if (isGzip(first)) return createGunzip();
  if (PLAIN_TEXT.test(first.toString('latin1', 0, PLAIN_TEXT_BYTES))) return null;
  // RFC 9110 §8.4.1.2 means zlib's format, but servers exist that send the bare one.
  if (coding === 'deflate') return isZlib(first) ? createInflate() : createInflateRaw();
  return coding === 'br' ? createBrotliDecompress() : null;
}

/** RFC 1950 §2.2: the method is 8, and the first two bytes are a multiple of 31. */
function isZlib(chunk: Buffer): boolean {
  const [method = 0, flags] = chunk;
  return (method & 0x0f) === 8 && (flags === undefined || (method * 256 + flags) % 31 === 0);
}
