import type { IncomingHttpHeaders } from 'node:http';
import type { LeanBody } from './lean-body.js';

/** The headers of an answer, read-only, with the part of the web's `Headers` that SDKs use. Names in any case. */
export class LeanHeaders implements Iterable<[string, string]> {
  readonly #raw: IncomingHttpHeaders;

  constructor(raw: IncomingHttpHeaders) {
    this.#raw = raw;
  }

  get(name: string): string | null {
    const value = this.#raw[name] ?? this.#raw[name.toLowerCase()];
    if (value === undefined) return null;
    return typeof value === 'string' ? value : value.join(', ');
  }

  has(name: string): boolean {
    return this.#raw[name.toLowerCase()] !== undefined;
  }

  *entries(): IterableIterator<[string, string]> {
    for (const name of Object.keys(this.#raw)) yield [name, this.get(name) ?? ''];
  }

  *keys(): IterableIterator<string> {
    yield* Object.keys(this.#raw);
  }

  *values(): IterableIterator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  forEach(callback: (value: string, name: string, headers: this) => void): void {
    for (const [name, value] of this.entries()) callback(value, name, this);
  }

  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.entries();
  }
}

/**
 * An answer as `HttpTransport` gives it: what the vendor SDKs and our adapters use of the web's `Response`, without its
 * streams. A redirect is an answer like any other.
 */
export class LeanResponse {
  readonly status: number;
  readonly statusText: string;
  readonly url: string;
  readonly headers: LeanHeaders;
  readonly body: LeanBody;
  readonly redirected = false;
  readonly type = 'basic';

  constructor(status: number, statusText: string, url: string, headers: IncomingHttpHeaders, body: LeanBody) {
    this.status = status;
    this.statusText = statusText;
    this.url = url;
    this.headers = new LeanHeaders(headers);
    this.body = body;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get bodyUsed(): boolean {
    return this.body.used;
  }

  /** The whole body as text; throws `TransportError` when it breaks off. */
  text(): Promise<string> {
    return this.body.text();
  }

  /** The whole body parsed; throws `TransportError` when it breaks off, `SyntaxError` when it is not JSON. */
  async json(): Promise<unknown> {
    return JSON.parse(await this.body.text()) as unknown;
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await this.body.bytes();
    return new Uint8Array(bytes).buffer;
  }

  async blob(): Promise<Blob> {
    return new Blob([await this.arrayBuffer()], { type: this.headers.get('content-type') ?? '' });
  }
}
