import { MAX_ERROR_BYTES } from '../refusals/error-body.js';
import { readBodyStart } from '../answers/response-body.js';
import { VendorRefusal } from '../refusals/vendor-refusal.js';
import { wellFormedJson } from './well-formed-json.js';

/** The shape of `fetch` that the vendors' SDKs call. */
export type LeanFetch = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

/** What an SDK's method says of the request to be made. */
export interface SdkCall {
  method: string;
  body?: unknown;
  signal?: AbortSignal | null;
}

/**
 * Sends what an SDK's method asks for, in place of the SDK's own sending. That one copies the headers several times,
 * describes each request for a log that is off, arms a timer and a second abort signal, and puts errors without a cause in
 * the place of what the transport threw (docs/performance.md). Gives the untouched 2xx answer. Every body is written here, so
 * this is where half a surrogate pair becomes U+FFFD: no vendor takes it, wherever in the body it stands.
 * @throws VendorRefusal for any other answer.
 */
export async function sendCall(
  fetch: LeanFetch,
  url: string,
  { method, body, signal }: SdkCall,
  headers: Record<string, string>,
): Promise<Response> {
  const init: RequestInit = { method: method.toUpperCase(), headers };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    headers['content-type'] = 'application/json';
    init.body = wellFormedJson(JSON.stringify(body));
  }
  const response = await fetch(url, init);
  if (response.ok) return response;
  throw new VendorRefusal(response.status, response.headers, await readBodyStart(response, MAX_ERROR_BYTES));
}

/**
 * What a request of our clients gives in the place of the SDK's promise: the untouched answer, and no parsing. The SDK notes
 * each of its own in a WeakMap, and what stands in one outlives the collections of the young generation, with all that
 * hangs on it: the answer, its headers, the buffers that they were read from.
 */
export class RawAnswer {
  constructor(private readonly answer: Promise<Response>) {}

  asResponse(): Promise<Response> {
    return this.answer;
  }
}

/** Gives the URL of each path, made by `build` once: the SDKs parse and write it anew for each request. */
export function memoisedUrls(build: (path: string) => string): (path: string) => string {
  const known = new Map<string, string>();
  return (path) => {
    let url = known.get(path);
    if (url === undefined) known.set(path, (url = build(path)));
    return url;
  };
}
