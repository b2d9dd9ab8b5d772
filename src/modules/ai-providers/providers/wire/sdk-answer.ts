import type { CancelSignal } from '../../interfaces/cancel-signal.interface.js';
import type { VendorClient } from './vendor.client.js';

/** What an SDK's method says of the request to be made. */
export interface SdkRequest {
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
  const { path, body, signal } = await request;
  return vendor.post(path, body, signal ?? NEVER_ABORTED);
}
