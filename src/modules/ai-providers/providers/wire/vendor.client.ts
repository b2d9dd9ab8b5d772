import type { CancelSignal } from '../../interfaces/cancel-signal.interface.js';
import { MAX_ERROR_BYTES } from '../refusals/body/error-text.js';
import { VendorRefusal } from '../refusals/vendor-refusal.js';
import { readBodyStart } from './response-body.js';
import { wellFormedJson } from './well-formed-json.js';

/** The transport's `fetch`. */
export type VendorFetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface VendorClientOptions {
  fetch: VendorFetch;
  /** The base URL. A slash at its end is left out, and its query goes with every request. */
  baseUrl: URL;
  /** The headers that every request of the vendor bears, its key among them. They are asked for at each request. */
  headers(): Record<string, string>;
}

/**
 * Sends requests to one vendor, for the vendor's SDK where it has one whose client may be given another way to send. See
 * docs/decisions/0011-vendor-clients.md.
 */
export class VendorClient {
  private readonly base: string;
  private readonly query: string;

  constructor(private readonly options: VendorClientOptions) {
    const { origin, pathname, search } = options.baseUrl;
    this.base = origin + pathname.replace(/\/+$/, '');
    this.query = search.slice(1);
  }

  /**
   * Gives the untouched 2xx answer. Half a surrogate pair becomes U+FFFD wherever it stands in the body: no vendor takes it.
   * @throws VendorRefusal for any other status, TransportError where there is no answer.
   */
  post(path: string, body: unknown, signal: CancelSignal): Promise<Response> {
    const headers = this.options.headers();
    headers['content-type'] = 'application/json';
    const text = wellFormedJson(JSON.stringify(body));
    return this.send(path, { method: 'POST', headers, body: text, signal: signal as AbortSignal });
  }

  /** Like `post`, without a body. */
  get(path: string, signal: CancelSignal): Promise<Response> {
    return this.send(path, { method: 'GET', headers: this.options.headers(), signal: signal as AbortSignal });
  }

  /** The transport asks no more of the signal than a `CancelSignal` has. */
  private async send(path: string, init: RequestInit): Promise<Response> {
    const response = await this.options.fetch(this.urlOf(path), init);
    if (response.ok) return response;
    const body = await readBodyStart(response, MAX_ERROR_BYTES);
    throw new VendorRefusal(response.status, response.headers, body);
  }

  private urlOf(path: string): string {
    if (this.query === '') return this.base + path;
    return `${this.base}${path}${path.includes('?') ? '&' : '?'}${this.query}`;
  }
}
