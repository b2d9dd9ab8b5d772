import { FlowProducer, Queue, type FlowJob } from 'bullmq';
import type { QueueConnection } from '../../../infra/redis/queue-connection.js';
import type { CompletionResponse } from '../../ai-providers/interfaces/completion.interface.js';
import { WEBHOOK_TRIES } from '../../../infra/http-client/signed-webhook.js';
import { JOB_TRIES } from '../work/job-failure.js';
import type { AIJob, JobData, JobMessageData } from '../job.interface.js';
import { CANCEL_CHANNEL, CANCELLED, COMPLETIONS, MESSAGES, QUEUE_PREFIX } from './job-queue.names.js';
import { JobQuota, type JobBounds } from './job.quota.js';
import { PRIORITY_NUMBER, toJob, type QueuedJob } from '../to-job.js';

/** Jobs deleted by one command at most: Redis serves no other client meanwhile. */
const SWEEP_LIMIT = 1_000;

/** A job with what its caller does not see. */
export interface StoredJob {
  job: AIJob;
  data: JobData;
}

/** Jobs in Redis, as BullMQ keeps them. Methods throw `QueueAwayError` within half a second where Redis does not answer. */
export class JobStore {
  private readonly queue: Queue<JobData, CompletionResponse>;
  private readonly flows: FlowProducer;

  private readonly quota: JobQuota;

  constructor(
    readonly connection: QueueConnection,
    private readonly ttlSeconds: number,
    bounds: JobBounds,
  ) {
    this.quota = new JobQuota(connection, bounds, (ids) => this.endedAmong(ids));
    const options = {
      connection: connection.client,
      prefix: QUEUE_PREFIX,
      skipWaitingForReady: true,
      skipVersionCheck: true,
    };
    // The events are never read, and they contain the results.
    this.queue = new Queue(COMPLETIONS, { ...options, streams: { events: { maxLen: 1 } } });
    this.flows = new FlowProducer(options);
    // The connection says it.
    this.queue.on('error', () => undefined);
    this.flows.on('error', () => undefined);
  }

  /**
   * Queues a job, and for when it has ended a message; an id that is there already is left as it is. False where its caller
   * has as many waiting as it may.
   */
  async add(id: string, data: JobData, webhookUrl: string | undefined): Promise<boolean> {
    const age = { age: this.ttlSeconds };
    const options = {
      jobId: id,
      priority: PRIORITY_NUMBER[data.request.priority ?? 'normal'],
      attempts: JOB_TRIES,
      backoff: { type: 'custom' },
      removeOnComplete: age,
      removeOnFail: age,
      stackTraceLimit: 0,
    };
    const bytes = Buffer.byteLength(JSON.stringify(data));
    return this.connection.run(async () => {
      if (!(await this.quota.reserve(data.owner, id, bytes))) return false;
      if (webhookUrl === undefined) await this.queue.add('completion', data, options);
      else await this.flows.add(withMessage(id, data, options, webhookUrl));
      return true;
    });
  }

  /** A job has ended for good: its caller may queue another one, and its request, which is not needed again, is dropped. */
  async ended(job: QueuedJob): Promise<void> {
    const { data } = job;
    await this.connection.run(async () => {
      await this.quota.release(data.owner, job.id ?? '');
      const { priority } = data.request;
      await job.updateData({ ...data, request: { prompt: '', ...(priority && { priority }) } });
    });
  }

  /** The job of an id that has not expired. */
  find(id: string): Promise<StoredJob | null> {
    return this.connection.run(async () => {
      const stored = await this.read(id);
      return stored === null || isExpired(stored) ? null : stored;
    });
  }

  /** The same, for who would use the id: that of an expired job is free then. */
  findOrFree(id: string): Promise<StoredJob | null> {
    return this.connection.run(async () => {
      const stored = await this.read(id);
      if (stored === null || !isExpired(stored)) return stored;
      // By age and not by id: another process may have used the id again by now.
      await this.deleteExpired((deleted) => deleted.includes(id));
      return null;
    });
  }

  /** Marks a job as cancelled and notifies the worker that has it. */
  async cancel(id: string): Promise<void> {
    await this.connection.run(async () => {
      const job = await this.queue.getJob(id);
      await job?.updateProgress(CANCELLED);
      await this.connection.client.publish(CANCEL_CHANNEL, id);
    });
  }

  async isCancelled(id: string): Promise<boolean> {
    const mark = await this.connection.run(() =>
      this.connection.client.hget(this.queue.toKey(id), 'progress'),
    );
    return mark === JSON.stringify(CANCELLED);
  }

  /** How many jobs there are, by BullMQ's states. */
  counts(): Promise<Record<string, number>> {
    return this.connection.run(() =>
      this.queue.getJobCounts('waiting', 'prioritized', 'delayed', 'active', 'completed', 'failed'),
    );
  }

  /** Deletes expired jobs. BullMQ itself does so only when another one ends. */
  async sweep(): Promise<void> {
    await this.connection.run(async () => {
      await this.deleteExpired();
      await this.connection.client.del(this.queue.keys['events'] ?? '');
    });
  }

  private async endedAmong(ids: readonly string[]): Promise<string[]> {
    const pipeline = this.connection.client.pipeline();
    for (const id of ids) pipeline.hmget(this.queue.toKey(id), 'timestamp', 'finishedOn');
    const replies = (await pipeline.exec()) ?? [];
    return ids.filter((_, index) => {
      const [error, fields] = replies[index] ?? [];
      const [timestamp, finishedOn] = (fields ?? []) as (string | null)[];
      return error === null && (timestamp === null || finishedOn !== null);
    });
  }

  private async read(id: string): Promise<StoredJob | null> {
    // In this order: what has ended has its result.
    const state = await this.queue.getJobState(id);
    const queued = state === 'unknown' ? undefined : await this.queue.getJob(id);
    if (queued === undefined) return null;
    const hasEnded = state === 'completed' || state === 'failed';
    // Another process has used the id again between the two.
    if (hasEnded && queued.finishedOn === undefined) return this.read(id);
    return { job: toJob(queued, state, this.ttlSeconds), data: queued.data };
  }

  /** Oldest first, until there are none or `isEnough`. */
  private async deleteExpired(isEnough: (deleted: string[]) => boolean = () => false): Promise<void> {
    for (const state of ['completed', 'failed'] as const) {
      let deleted: string[];
      do {
        deleted = await this.queue.clean(this.ttlSeconds * 1_000, SWEEP_LIMIT, state);
        if (isEnough(deleted)) return;
      } while (deleted.length === SWEEP_LIMIT);
    }
  }
}

function isExpired({ job: { expiresAt } }: StoredJob): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= Date.now();
}

/** The message waits, in the queue's own transaction, for the job to end either way. */
function withMessage(id: string, data: JobData, opts: object, url: string): FlowJob {
  const message: JobMessageData = { jobId: id, url };
  return {
    name: 'message',
    queueName: MESSAGES,
    data: message,
    opts: {
      jobId: id,
      attempts: WEBHOOK_TRIES,
      backoff: { type: 'custom' },
      removeOnComplete: true,
      removeOnFail: true,
      stackTraceLimit: 0,
    },
    children: [
      {
        name: 'completion',
        queueName: COMPLETIONS,
        data,
        opts: { ...opts, ignoreDependencyOnFailure: true },
      },
    ],
  };
}
