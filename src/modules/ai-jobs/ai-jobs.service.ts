import { Inject, Injectable } from '@nestjs/common';
import { v4 as uuid, validate as isUuid } from 'uuid';
import { timeOrderedId } from '../../infra/crypto/time-ordered-id.js';
import type { EgressPolicy } from '../../infra/http-client/egress-policy.js';
import { APP_CONFIG } from '../../infra/config/config.token.js';
import type { JobsConfig } from './jobs.config.js';
import { AIError } from '../ai-providers/errors/ai.error.js';
import { fieldProblem, validationFailed } from '../ai-providers/errors/field-problem.js';
import { fingerprintOf, jobIdOf } from './idempotency-key.js';
import type { AIJob, JobData, JobReader, JobSubmission } from './job.interface.js';
import { JOB_STORE } from './storage/job-store.provider.js';
import { WEBHOOK_EGRESS } from './webhook-egress.provider.js';
import type { JobStore, StoredJob } from './storage/job.store.js';

/** When a caller may look whether Redis is back. */
const REDIS_BACK_MS = 1_000;

/** When a caller may look whether one of its jobs has ended. */
const ROOM_BACK_MS = 5_000;

/**
 * Completions that may wait: they are kept in Redis and worked on by whatever process has room. Every method throws AIError
 * `JOBS_UNAVAILABLE` without `REDIS_URL`, and within half a second while Redis is away.
 */
@Injectable()
export class AIJobsService {
  /** @internal What it is made of is not in the package's declarations, which would need those of BullMQ. */
  constructor(
    @Inject(JOB_STORE) private readonly store: JobStore | null,
    @Inject(APP_CONFIG) private readonly config: { readonly jobs: JobsConfig },
    @Inject(WEBHOOK_EGRESS) private readonly egress: EgressPolicy,
  ) {}

  /**
   * Queues a completion.
   * @throws AIError `IDEMPOTENCY_KEY_REUSED` where the key came with another request before, `VALIDATION_FAILED` where the
   * webhook cannot be used, `RATE_LIMITED` where the caller has as many jobs or bytes waiting as it may
   */
  async submit(submission: JobSubmission): Promise<AIJob> {
    const { request, caller, idempotencyKey, webhookUrl } = submission;
    if (webhookUrl !== undefined) this.assertWebhook(webhookUrl);
    const owner = caller ?? null;
    const id = idempotencyKey === undefined ? timeOrderedId() : jobIdOf(idempotencyKey, owner);
    const data: JobData = {
      request,
      owner,
      requestId: submission.requestId ?? uuid(),
      traceHeaders: submission.traceHeaders ?? {},
      fingerprint: fingerprintOf({ request, webhookUrl }),
    };
    return this.ask(async (store) => {
      const known = idempotencyKey === undefined ? null : await store.findOrFree(id);
      if (known !== null) return sameJob(known, data);
      if (!(await store.add(id, data, webhookUrl))) throw this.tooManyWaiting();
      // Another process may have been first with the same key.
      const added = await store.find(id);
      if (added === null) throw new Error(`Job ${id} was not kept`);
      return sameJob(added, data);
    });
  }

  /** @throws AIError `JOB_NOT_FOUND` */
  async get(id: string, reader: JobReader = { all: true }): Promise<AIJob> {
    return this.ask(async (store) => (await find(store, id, reader)).job);
  }

  /**
   * Cancels a job: one that is queued is never sent, one that is worked on is aborted. One that has ended stays as it is.
   * @throws AIError `JOB_NOT_FOUND`
   */
  async cancel(id: string, reader: JobReader = { all: true }): Promise<AIJob> {
    return this.ask(async (store) => {
      const { job } = await find(store, id, reader);
      if (job.status !== 'queued' && job.status !== 'active') return job;
      await store.cancel(id);
      return (await find(store, id, reader)).job;
    });
  }

  private async ask<T>(work: (store: JobStore) => Promise<T>): Promise<T> {
    if (this.store === null) {
      throw new AIError('JOBS_UNAVAILABLE', 'Jobs are kept in Redis: set REDIS_URL to use them');
    }
    try {
      return await work(this.store);
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'QueueAwayError') throw error;
      const details = { retryAfterMs: REDIS_BACK_MS, cause: error };
      throw new AIError('JOBS_UNAVAILABLE', 'Redis, where jobs are kept, does not answer', details);
    }
  }

  private tooManyWaiting(): AIError {
    const { maxWaiting, maxWaitingBytes } = this.config.jobs;
    const message = `You have as many jobs waiting as one caller may: ${maxWaiting}, with requests of ${maxWaitingBytes} bytes together`;
    return new AIError('RATE_LIMITED', message, { retryAfterMs: ROOM_BACK_MS });
  }

  private assertWebhook(url: string): void {
    const verdict = this.egress.check(url);
    const problem = !verdict.allowed
      ? `webhook.url is refused: ${verdict.reason}`
      : this.config.jobs.webhookSecret === undefined
        ? 'webhook cannot be used: this service has no AI_JOBS_WEBHOOK_SECRET to sign with'
        : undefined;
    if (problem !== undefined) throw validationFailed([fieldProblem(problem)]);
  }
}

/** Anything that is no UUID could be a key of the queue's own. */
async function find(store: JobStore, id: string, reader: JobReader): Promise<StoredJob> {
  const stored = isUuid(id) ? await store.find(id.toLowerCase()) : null;
  if (stored === null || (!reader.all && stored.data.owner !== (reader.caller ?? null))) {
    throw new AIError('JOB_NOT_FOUND', 'There is no such job');
  }
  return stored;
}

function sameJob({ job, data }: StoredJob, asked: JobData): AIJob {
  if (data.fingerprint === asked.fingerprint) return job;
  throw new AIError('IDEMPOTENCY_KEY_REUSED', 'This Idempotency-Key was sent before with another request');
}
