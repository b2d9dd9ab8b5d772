import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { v4 as uuid } from 'uuid';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import type {
  CircuitOutage,
  CircuitOutageChange,
} from '../interfaces/monitoring/circuit-outage.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import { CircuitOutageRepository } from './circuit-outage.repository.js';
import {
  MemoryProviderStateStore,
  type CircuitChange,
} from '../resilience/state/provider-state.memory.store.js';

/** Between two tries to keep what the database did not take. */
const RETRY_MS = 5_000;

/** Changes that wait for a database that is away: an hour of a hundred circuits that open every minute. */
const MOST_WAITING = 6_000;

/**
 * Keeps when this replica saw circuits open and close, so that an outage is in the metrics after a restart and on every
 * replica. It works behind the requests: what the database does not take waits, in order, until it is back.
 */
@Injectable()
export class CircuitOutageRecorder implements BeforeApplicationShutdown {
  private readonly open = new Map<string, CircuitOutage>();
  private readonly waiting: CircuitOutageChange[] = [];
  private keeping: Promise<void> | undefined;
  private cancelRetry: (() => void) | undefined;
  private isFailing = false;

  constructor(
    private readonly outages: CircuitOutageRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'warn'>,
    state: MemoryProviderStateStore,
  ) {
    state.onCircuitChange((change) => this.circuitChanged(change));
  }

  /** Takes note of a change and returns at once. A circuit on trial is still that of its outage. */
  circuitChanged({ providerId, to, retryAfterMs }: CircuitChange): void {
    const at = new Date(this.clock.wallTime());
    if (to === 'OPEN') {
      const openedAt = this.open.get(providerId)?.openedAt ?? at;
      const id = this.open.get(providerId)?.id ?? uuid();
      const outage = { id, providerId, openedAt, openUntil: new Date(at.getTime() + retryAfterMs) };
      this.open.set(providerId, outage);
      this.keep({ kind: 'open', outage });
    } else if (to === 'CLOSED') {
      this.open.delete(providerId);
      this.keep({ kind: 'closed', providerId, at });
    }
  }

  /** Resolves once all that was noted is kept, or was tried to be. */
  async flush(): Promise<void> {
    await this.keeping;
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.cancelRetry?.();
    await this.flush();
  }

  private keep(change: CircuitOutageChange): void {
    if (this.waiting.length < MOST_WAITING) this.waiting.push(change);
    else this.logger.warn({ change }, 'A change of a circuit is not kept: too many wait for the database');
    if (this.cancelRetry === undefined && this.keeping === undefined) this.begin();
  }

  private begin(): void {
    this.cancelRetry = undefined;
    this.keeping = this.keepAll().finally(() => {
      this.keeping = undefined;
      // A change may have come after the last look at the list.
      if (this.waiting.length > 0 && this.cancelRetry === undefined) this.begin();
    });
  }

  private async keepAll(): Promise<void> {
    try {
      for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
        await this.outages.keep(next);
        this.waiting.shift();
        this.isFailing = false;
      }
    } catch (error) {
      if (!this.isFailing) this.logger.warn({ err: error }, 'Changes of circuits wait for the database');
      this.isFailing = true;
      this.cancelRetry = this.clock.schedule(RETRY_MS, () => this.begin());
    }
  }
}
