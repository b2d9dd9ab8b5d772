import { Inject, Injectable } from '@nestjs/common';
import { AbortSource } from '../../../infra/cancellation/abort-source.js';
import { AIError } from '../errors/ai.error.js';
import type { CancelSignal } from '../interfaces/cancel-signal.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { InFlight, InFlightEntry } from './admission.ports.js';

/** How long what was aborted may take to end, in milliseconds. */
const ABORT_GRACE_MS = 250;

/** Counts the requests being answered, so that a stopping service can let them end. */
@Injectable()
export class RequestsInFlight implements InFlight {
  private readonly sources = new Set<AbortSource>();
  private draining = false;
  private onEmpty: (() => void) | undefined;

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  get size(): number {
    return this.sources.size;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  /** @throws AIError `SHUTTING_DOWN` once draining has begun. */
  enter(caller: CancelSignal | undefined): InFlightEntry {
    if (this.draining)
      throw new AIError('SHUTTING_DOWN', 'The service is shutting down and takes no new requests');
    const source = new AbortSource();
    const follow = (): void => source.abort(caller?.reason);
    if (caller?.aborted) follow();
    else caller?.addEventListener('abort', follow, { once: true });
    this.sources.add(source);
    return {
      signal: source,
      leave: () => {
        if (!this.sources.delete(source)) return;
        caller?.removeEventListener('abort', follow);
        if (this.sources.size === 0) this.onEmpty?.();
      },
    };
  }

  /**
   * Takes no more requests and resolves when none is left: those still there after `timeoutMs` are aborted and counted.
   * An aborted request ends within 100 ms; one that does not is not waited for.
   */
  async drain(timeoutMs: number, reason: AIError): Promise<number> {
    this.draining = true;
    if (this.sources.size === 0) return 0;
    let aborted = 0;
    await new Promise<void>((resolve) => {
      let cancel = this.clock.schedule(timeoutMs, () => {
        aborted = this.sources.size;
        cancel = this.clock.schedule(ABORT_GRACE_MS, resolve);
        for (const source of [...this.sources]) source.abort(reason);
      });
      this.onEmpty = () => {
        cancel();
        resolve();
      };
    });
    return aborted;
  }
}
