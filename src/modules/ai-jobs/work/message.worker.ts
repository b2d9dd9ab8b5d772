import { UnrecoverableError, Worker, type Job } from 'bullmq';
import type { EgressPolicy } from '../../../infra/http-client/egress-policy.js';
import {
  SignedWebhook,
  reasonOf,
  webhookRetryDelay,
  type WebhookMessage,
} from '../../../infra/http-client/signed-webhook.js';
import type { Logger } from '../../../infra/logging/logger.interface.js';
import type { AIJob, JobMessageData } from '../job.interface.js';
import { MESSAGES, QUEUE_PREFIX } from '../storage/job-queue.names.js';
import type { JobStore } from '../storage/job.store.js';

/** A receiver may take 15 s. */
const CONCURRENCY = 20;

/** Sends the message about each ended job to the webhook that its caller named. */
export class MessageWorker {
  private readonly worker: Worker<JobMessageData, void>;

  constructor(
    private readonly store: JobStore,
    private readonly secret: string,
    private readonly egress: EgressPolicy,
    private readonly logger: Pick<Logger, 'warn'>,
    onError: (error: Error) => void,
  ) {
    this.worker = new Worker<JobMessageData, void>(MESSAGES, (job) => this.process(job), {
      connection: store.connection.openWaiting(),
      prefix: QUEUE_PREFIX,
      concurrency: CONCURRENCY,
      settings: { backoffStrategy: (failed) => webhookRetryDelay(failed) ?? -1 },
    });
    this.worker.on('error', onError);
    this.worker.on('failed', (message, error) => this.failed(message, error));
  }

  /** Takes no more messages. */
  async stopTaking(): Promise<void> {
    await this.worker.pause(true);
  }

  /** Resolves when what is on its way is delivered or refused. */
  async close(): Promise<void> {
    await this.worker.close();
  }

  private async process({ data: { jobId, url } }: Job<JobMessageData>): Promise<void> {
    const stored = await this.store.find(jobId);
    if (stored === null) throw new UnrecoverableError('The job has expired');
    const webhook = new SignedWebhook(url, this.secret, this.egress);
    try {
      await webhook.send(messageOf(stored.job), new Date());
    } finally {
      await webhook.close();
    }
  }

  private failed(message: Job<JobMessageData> | undefined, error: Error): void {
    if (message === undefined) return;
    const { data, attemptsMade, finishedOn } = message;
    const details = { job: data.jobId, attempts: attemptsMade, reason: reasonOf(error) };
    if (finishedOn !== undefined) {
      this.logger.warn(details, 'A job’s message was not taken and is given up');
    } else if (attemptsMade === 1) {
      this.logger.warn(details, 'A job’s message was not taken; it is sent again');
    }
  }
}

/** The form that Standard Webhooks recommends: https://github.com/standard-webhooks/standard-webhooks#payload-structure */
function messageOf(job: AIJob): WebhookMessage {
  const payload = { type: `job.${job.status}`, timestamp: job.finishedAt, data: job };
  return { id: `msg_${job.id}`, payload: JSON.stringify(payload) };
}
