import { setTimeout as sleep } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import type { LedgerConfig } from './ledger.config.js';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import { RequestLogRepository } from './request-log.repository.js';

const DAY_MS = 86_400_000;
const EVERY_MS = 3_600_000;

/** Few enough that a delete is over in some tens of milliseconds, with a pause in which others get their turn. */
const BATCH_ROWS = 1_000;
const PAUSE_MS = 50;

/**
 * Deletes requests from the log, and the minutes and hours of single callers, once they are older than
 * `AI_LOG_RETENTION_DAYS`; the other roll-ups stay.
 */
@Injectable()
export class RequestLogRetention implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;

  constructor(
    @Inject(APP_CONFIG) private readonly config: LedgerConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'warn'>,
    private readonly log: RequestLogRepository,
  ) {}

  /** At the start, then every hour. */
  onApplicationBootstrap(): void {
    const round = (): void => {
      this.running = this.prune().then(
        () => undefined,
        (error: unknown) => this.logger.warn({ err: error }, 'Old requests stay in the log for now'),
      );
    };
    this.timer = setInterval(round, EVERY_MS).unref();
    round();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.running;
  }

  /** Deletes all that is too old, unless another replica is at it; gives the number of requests. */
  async prune(): Promise<number> {
    const before = new Date(this.clock.wallTime() - this.config.logRetentionDays * DAY_MS);
    await this.inBatches(() => this.log.deleteSomeOfCallers(before, BATCH_ROWS));
    return this.inBatches(() => this.log.deleteSome(before, BATCH_ROWS));
  }

  private async inBatches(deleteSome: () => Promise<number | null>): Promise<number> {
    let total = 0;
    while (!this.stopped) {
      const deleted = await deleteSome();
      total += deleted ?? 0;
      if (deleted === null || deleted < BATCH_ROWS) break;
      await sleep(PAUSE_MS);
    }
    return total;
  }
}
