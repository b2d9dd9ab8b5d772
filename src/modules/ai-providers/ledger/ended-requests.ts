import { AsyncResource } from 'node:async_hooks';
import { Inject, Injectable } from '@nestjs/common';
import { redactText } from '../../../infra/logging/secret.redactor.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { RequestEvent } from '../interfaces/request-event.interface.js';
import { REQUEST_LISTENERS, type RequestListener } from '../interfaces/request-listener.interface.js';

/** How long an answered request waits before the listeners are called with it, in milliseconds. */
const WAIT_MS = 5;

/** With so many pending, the listeners are called at once. */
const MOST_PENDING = 32;

/** An event, and the async context in which its request ended: a host's logger may find the caller's data there. */
interface Pending {
  event: RequestEvent;
  context: AsyncResource;
}

/**
 * Calls the listeners with the requests that have ended, in batches: one after the other costs half of what it does between
 * the steps of their answers, and no answer waits for it. A failed request is passed on at once, together with those before
 * it. A listener that throws, as the logger of a host application may, harms neither requests nor other listeners: the
 * process warns of it. Requests that ended in the last milliseconds before a process is killed reach no listener; the
 * recorder has them in its journal.
 */
@Injectable()
export class EndedRequests {
  private readonly listeners: RequestListener[];
  private pending: Pending[] = [];
  private cancelTimer: (() => void) | undefined;

  /** @param listeners those of the application */
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(REQUEST_LISTENERS) listeners: readonly RequestListener[] = [],
  ) {
    this.listeners = [...listeners];
  }

  /** Calls `listener` with every request that ends from now on, in the async context of that request. */
  addListener(listener: RequestListener): void {
    this.listeners.push(listener);
  }

  /** To be called in the async context of the request. */
  add(event: RequestEvent): void {
    this.pending.push({ event, context: new AsyncResource('EndedRequest', { requireManualDestroy: true }) });
    if (event.code !== null || this.pending.length >= MOST_PENDING) this.flush();
    else this.cancelTimer ??= this.clock.schedule(WAIT_MS, () => this.flush());
  }

  /** Calls the listeners with all requests that have ended by now. */
  flush(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    const pending = this.pending;
    this.pending = [];
    for (const { event, context } of pending) context.runInAsyncScope(notifyAll, null, this.listeners, event);
  }
}

function notifyAll(listeners: readonly RequestListener[], event: RequestEvent): void {
  for (const listener of listeners) {
    try {
      listener.requestEnded(event);
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.emitWarning(redactText(text));
    }
  }
}
