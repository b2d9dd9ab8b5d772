import type { RequestEvent } from './request-event.interface.js';

/** Called with every request once it has ended: for an application's own audit, metrics or billing. */
export interface RequestListener {
  /**
   * Called within milliseconds of the end of a request, after its record is safe, in the async context of the request.
   * It must not wait: it does slow work in the background. What it throws becomes a warning of the process and harms no request.
   */
  requestEnded(event: RequestEvent): void;
}

/** Token under which Nest injects every `RequestListener`, as an array. */
export const REQUEST_LISTENERS = Symbol('RequestListeners');
