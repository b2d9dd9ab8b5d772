import { AsyncResource } from 'node:async_hooks';
import { Inject, Injectable } from '@nestjs/common';
import { redactText } from '../../../infra/logging/secret.redactor.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { RequestEvent } from '../interfaces/request-event.interface.js';
import { REQUEST_LISTENERS, type RequestListener } from '../interfaces/request-listener.interface.js';

/** How long an answered request may go untold, in milliseconds. */
const WAIT_MS = 5;

/** So many are told of at once. */
const MOST_UNTOLD = 32;

/** An event, and the async context in which its request ended: a host's logger may find there whom it speaks of. */
interface Untold {
  event: RequestEvent;
  context: AsyncResource;
}

/**
 * Tells those that watch of the requests that have ended, some at a time: what is done for one after the other of them costs
 * half of what it does between the steps of their answers, and no answer waits for it. One that failed is told of at once,
 * and so are those before it. Who throws, as the logger of a host application may, harms neither requests nor the others
 * that watch: the process warns of it. Of what ended in the last milliseconds before a process is killed nobody hears, but
 * for the recorder, which has it in its journal.
 */
@Injectable()
export class EndedRequests {
  private readonly observers: RequestListener[];
  private untold: Untold[] = [];
  private cancelTimer: (() => void) | undefined;

  /** @param listeners those of the application */
  constructor(
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(REQUEST_LISTENERS) listeners: readonly RequestListener[] = [],
  ) {
    this.observers = [...listeners];
  }

  /** Tells `observer` of every request from now on, in the async context of that request. */
  watchedBy(observer: RequestListener): void {
    this.observers.push(observer);
  }

  /** To be called in the async context of the request. */
  add(event: RequestEvent): void {
    this.untold.push({ event, context: new AsyncResource('EndedRequest', { requireManualDestroy: true }) });
    if (event.code !== null || this.untold.length >= MOST_UNTOLD) this.tell();
    else this.cancelTimer ??= this.clock.schedule(WAIT_MS, () => this.tell());
  }

  /** Tells of all that have ended by now. */
  tell(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    const untold = this.untold;
    this.untold = [];
    for (const { event, context } of untold) context.runInAsyncScope(tellAll, null, this.observers, event);
  }
}

function tellAll(observers: readonly RequestListener[], event: RequestEvent): void {
  for (const observer of observers) {
    try {
      observer.requestEnded(event);
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      process.emitWarning(redactText(text));
    }
  }
}
