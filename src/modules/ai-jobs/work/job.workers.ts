import {
  Inject,
  Injectable,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleDestroy,
} from '@nestjs/common';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import type { JobsConfig } from '../jobs.config.js';
import type { EgressPolicy } from '../../../infra/http-client/egress-policy.js';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import { AIRequestManagerService } from '../../ai-providers/services/ai-request-manager.service.js';
import type { CompletionWorker } from './completion.worker.js';
import { JOB_STORE } from '../storage/job-store.provider.js';
import type { JobStore } from '../storage/job.store.js';
import type { MessageWorker } from './message.worker.js';
import { WEBHOOK_EGRESS } from '../webhook-egress.provider.js';

const SWEEP_EVERY_MS = 600_000;

/** How long a stop waits until Redis has stored how the last jobs ended. */
const CLOSE_MS = 500;

/** Starts what works on jobs with the application, and ends it when the requests in flight have ended. */
@Injectable()
export class JobWorkers implements OnApplicationBootstrap, OnModuleDestroy, OnApplicationShutdown {
  private workers: (CompletionWorker | MessageWorker)[] = [];
  private sweeping: NodeJS.Timeout | undefined;

  constructor(
    @Inject(JOB_STORE) private readonly store: JobStore | null,
    @Inject(APP_CONFIG) private readonly config: { readonly jobs: JobsConfig },
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly manager: AIRequestManagerService,
    @Inject(WEBHOOK_EGRESS) private readonly egress: EgressPolicy,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const { store, config, logger } = this;
    const { worker, concurrency, webhookSecret } = config.jobs;
    if (store === null || !worker) return;
    const { CompletionWorker } = await import('./completion.worker.js');
    const onError = (err: Error): void => this.report(err);
    this.workers.push(new CompletionWorker(store, this.manager, concurrency, onError));
    if (webhookSecret !== undefined) {
      const { MessageWorker } = await import('./message.worker.js');
      this.workers.push(new MessageWorker(store, webhookSecret, this.egress, logger, onError));
    }
    this.sweeping = setInterval(() => this.sweep(store), SWEEP_EVERY_MS).unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.sweeping);
    await Promise.all(this.workers.map((worker) => worker.stopTaking()));
  }

  async onApplicationShutdown(): Promise<void> {
    const closed = Promise.allSettled(this.workers.map((worker) => worker.close()));
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([closed, late]);
    clearTimeout(timer);
    this.store?.connection.close();
  }

  private sweep(store: JobStore): void {
    store.sweep().catch((error: unknown) => this.report(error));
  }

  /** That Redis is away says its connection, once. */
  private report(err: unknown): void {
    if (isConnectionError(err)) return;
    this.logger.warn({ err }, 'Work on jobs met an error');
  }
}

function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return error.name === 'QueueAwayError' || 'syscall' in error || /connection is closed/i.test(error.message);
}
