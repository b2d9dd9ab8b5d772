import type { CancelSignal } from '../../interfaces/cancel-signal.interface.js';
import type { VendorClient } from './vendor.client.js';

/** What an SDK's method says of the request to be made. */
export interface SdkRequest {
  method: string;
  path: string;
  body?: unknown;
  signal?: AbortSignal | null;
}

/** Of a request that its caller cannot abort. */
const NEVER_ABORTED: CancelSignal = new AbortController().signal;

/**
 * What a request of our SDK clients gives in the place of the SDK's own promise: the untouched 2xx answer, and no parsing. The
 * SDK notes each of its promises in a WeakMap, and what stands in one outlives the collections of the young generation, with
 * all that hangs on it: the answer, its headers, the buffers that they were read from.
 */
export class SdkAnswer {
  private readonly answer: Promise<Response>;

  constructor(vendor: VendorClient, request: SdkRequest | Promise<SdkRequest>) {
    this.answer = send(vendor, request);
  }

  /** @throws VendorRefusal, TransportError */
  asResponse(): Promise<Response> {
    return this.answer;
  }
}

async function send(vendor: VendorClient, request: SdkRequest | Promise<SdkRequest>): Promise<Response> {
  const { method, path, body, signal } = await request;
  switch (method) {
    case 'get':
      return vendor.get(path, signal ?? NEVER_ABORTED);
    case 'post':
      return vendor.post(path, body, signal ?? NEVER_ABORTED);
    default:
      throw new Error(`VendorClient sends no ${method}`);
  }
}

/** The `fetch` of our SDK clients: what does not come through their `request`, such as a list, reaches nobody past our transport. */
export function refuseToFetch(): Promise<Response> {
  return Promise.reject(new Error('This method of the SDK does not send by VendorClient'));
}
