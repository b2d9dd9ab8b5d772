import type { RequestEvent } from '../interfaces/request-event.interface.js';

/** Hears of every request once it is kept, before its answer ends. It must neither throw nor wait. */
export interface RequestObserver {
  requestEnded(event: RequestEvent): void;
}
