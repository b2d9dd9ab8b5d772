import { context, propagation } from '@opentelemetry/api';
import { Pool } from 'undici';
import { egressConnector, type ResolveAll } from './egress-connector.js';
import type { EgressPolicy } from './egress-policy.js';
import { Exchange } from './exchange.js';
import type { LeanResponse } from './lean-response.js';
import { flatHeaders, type RequestHeaders } from './request-headers.js';
import { EgressRefusedError, TransportAbortedError, TransportError } from './transport.error.js';

/** The part of `RequestInit` that is used; redirects are never followed and bodies are never streams. */
export interface TransportRequest {
  method?: string;
  headers?: RequestHeaders;
  body?: string | Uint8Array | null;
  signal?: AbortSignal | null;
}

export interface HttpTransportOptions {
  /** Requests go to the origin of this URL and nowhere else. */
  baseUrl: string;
  /** Milliseconds for name lookup, TCP and TLS together. */
  connectTimeoutMs: number;
  egress: EgressPolicy;
  /** Sent with every request besides its own; none of them may be one of its own. */
  headers?: Readonly<Record<string, string>>;
  /** Largest body that `text`, `json` and `arrayBuffer` collect; 64 MiB unless said. Iterating has no limit. */
  maxBodyBytes?: number;
  /** Name lookup instead of the system's. */
  resolve?: ResolveAll;
}

/** Milliseconds an unused connection is kept; a server's own `Keep-Alive: timeout` hint comes first (RFC 9112 §9.3). */
const KEEP_ALIVE_MS = 30_000;
const MAX_BODY_BYTES = 64 * 1024 * 1024;

/**
 * HTTP to one provider over connections of its own, as many as are needed. No deadline but the connection's: the caller
 * ends a request by its signal. A key sent through it cannot reach another host.
 */
export class HttpTransport {
  readonly #origin: string;
  readonly #prefix: string;
  readonly #host: string;
  readonly #pool: Pool;
  readonly #maxBodyBytes: number;
  /** Flat, as undici takes them; null where there are none. */
  readonly #headers: readonly string[] | null;
  #closing: Promise<void> | null = null;

  /** Throws `TypeError` when `baseUrl` is not an http or https URL. */
  constructor(options: HttpTransportOptions) {
    const base = new URL(options.baseUrl);
    if (base.protocol !== 'http:' && base.protocol !== 'https:') {
      throw new TypeError('the base URL is neither http nor https');
    }
    this.#origin = base.origin;
    this.#prefix = `${base.origin}/`;
    this.#host = base.host;
    this.#headers = options.headers ? Object.entries(options.headers).flat() : null;
    this.#maxBodyBytes = options.maxBodyBytes ?? MAX_BODY_BYTES;
    this.#pool = new Pool(base.origin, {
      pipelining: 1,
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      connect: egressConnector({
        policy: options.egress,
        connectTimeoutMs: options.connectTimeoutMs,
        resolve: options.resolve,
      }),
    });
  }

  /**
   * `request` in the shape of the web's `fetch`, for the vendor SDKs. What it gives is a `LeanResponse`: as much of
   * `Response` as they use.
   */
  readonly fetch = (input: string | URL | { url: string }, init?: RequestInit): Promise<Response> =>
    this.request(
      typeof input === 'string' ? input : 'url' in input ? input.url : input.href,
      init as TransportRequest | undefined,
    ) as Promise<unknown> as Promise<Response>;

  /**
   * Sends a request and resolves with the answer once its header is there, whatever its status. Rejects with
   * `TransportError`; the body it gives throws the same. An abort of `init.signal` closes the connection and rejects at
   * once, before and after the header. Throws `TypeError` for a request that cannot be sent.
   */
  request(url: string, init: TransportRequest = {}): Promise<LeanResponse> {
    return new Promise((resolve, reject) => {
      const path = this.#pathOf(url);
      const signal = init.signal ?? undefined;
      if (signal?.aborted) throw new TransportAbortedError(signal.reason);
      const body = init.body ?? null;
      if (body !== null && typeof body !== 'string' && !(body instanceof Uint8Array)) {
        throw new TypeError('the body of a request is text or bytes');
      }
      if (this.#closing !== null) throw new TransportError('connection', 'the transport is closed');
      const headers = tracedHeaders(init.headers);
      if (this.#headers !== null) headers.push(...this.#headers);
      this.#pool.dispatch(
        { path, method: init.method ?? 'GET', headers, body },
        new Exchange({ url, host: this.#host, maxBodyBytes: this.#maxBodyBytes, signal, resolve, reject }),
      );
    });
  }

  /** Takes no more requests, lets those in flight end, and closes all connections. */
  close(): Promise<void> {
    this.#closing ??= this.#pool.close();
    return this.#closing;
  }

  #pathOf(url: string): string {
    if (url.startsWith(this.#prefix) && !url.includes('#')) return url.slice(this.#origin.length);
    const parsed = new URL(url);
    if (parsed.origin !== this.#origin) {
      throw new EgressRefusedError(`${parsed.host} is not ${this.#host}, the provider's own host`);
    }
    return parsed.pathname + parsed.search;
  }
}

/** The headers, and the active span's where there is one. */
function tracedHeaders(headers: RequestHeaders | undefined): string[] {
  const flat = flatHeaders(headers);
  propagation.inject(context.active(), flat, { set: (list, name, value) => list.push(name, value) });
  return flat;
}
