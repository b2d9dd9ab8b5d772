import { UnrecoverableError, WaitingError, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { QueueAwayError } from '../../../infra/redis/queue-connection.js';
import { fromHostError } from '../../ai-providers/errors/to-http-error.js';
import type { CompletionResponse } from '../../ai-providers/interfaces/completion.interface.js';
import type { AIRequestManagerService } from '../../ai-providers/services/ai-request-manager.service.js';
import { jobRetryDelay, toJobFailure } from './job-failure.js';
import type { JobData } from '../job.interface.js';
import { CANCEL_CHANNEL, CANCELLED, COMPLETIONS, QUEUE_PREFIX } from '../storage/job-queue.names.js';
import type { JobStore } from '../storage/job.store.js';
import type { QueuedJob } from '../to-job.js';

/** Another process takes over from one that died: no sooner than this, and at most `STALLED_CHECK_MS` later. */
const LOCK_MS = 15_000;
const STALLED_CHECK_MS = 5_000;

/** Times that a job is taken over from a process that was lost with it: one that ends two is the likely reason. */
const MOST_TAKEOVERS = 1;

/** Works on queued completions, through the same pipeline as everything else. */
export class CompletionWorker {
  private readonly worker: Worker<JobData, CompletionResponse>;
  private readonly subscriber: Redis;
  private readonly running = new Set<string>();
  private stopping = false;

  constructor(
    private readonly store: JobStore,
    private readonly manager: AIRequestManagerService,
    concurrency: number,
    onError: (error: Error) => void,
  ) {
    this.subscriber = store.connection.openWaiting();
    this.subscriber.on('message', (_channel, id) => this.abort(id));
    this.subscriber.on('ready', () => void this.abortWhatWasMissed());
    this.subscriber.subscribe(CANCEL_CHANNEL).catch(onError);
    this.worker = new Worker<JobData, CompletionResponse>(
      COMPLETIONS,
      (job, token, signal) => this.process(job, token, signal),
      {
        connection: store.connection.openWaiting(),
        prefix: QUEUE_PREFIX,
        concurrency,
        lockDuration: LOCK_MS,
        stalledInterval: STALLED_CHECK_MS,
        maxStalledCount: MOST_TAKEOVERS,
        settings: { backoffStrategy: (failed, _type, error) => jobRetryDelay(failed, error) },
      },
    );
    this.worker.on('error', onError);
    this.worker.on('completed', (job) => void this.ended(job).catch(onError));
    this.worker.on('failed', (job) => void this.ended(job).catch(onError));
    // Another process has it now.
    this.worker.on('lockRenewalFailed', (ids) => ids.forEach((id) => this.abort(id)));
  }

  /** Takes no more jobs. */
  async stopTaking(): Promise<void> {
    this.stopping = true;
    await this.worker.pause(true);
  }

  /** Resolves when what it works on is put down. */
  async close(): Promise<void> {
    await this.worker.close();
  }

  /** Of a failure that is tried again nothing has ended. */
  private async ended(job: QueuedJob | undefined): Promise<void> {
    if (job?.finishedOn !== undefined) await this.store.ended(job);
  }

  private async process(job: QueuedJob, token = '', signal?: AbortSignal): Promise<CompletionResponse> {
    const id = job.id ?? '';
    if (this.stopping) return putBack(job, token);
    this.running.add(id);
    try {
      if (await this.isCancelled(id)) throw new UnrecoverableError(CANCELLED);
      return await this.complete(job, token, signal);
    } finally {
      this.running.delete(id);
    }
  }

  private async complete(job: QueuedJob, token: string, signal?: AbortSignal): Promise<CompletionResponse> {
    const { request, owner, requestId, traceHeaders } = job.data;
    try {
      const caller = owner ?? undefined;
      return await this.manager.complete(request, { signal, caller, requestId, traceHeaders });
    } catch (thrown) {
      if (signal?.aborted) throw new UnrecoverableError(CANCELLED);
      const error = fromHostError(thrown);
      if (error.code === 'SHUTTING_DOWN') return putBack(job, token);
      throw toJobFailure(error, requestId);
    }
  }

  private abort(id: string): void {
    this.worker.cancelJob(id, CANCELLED);
  }

  /** Aborts the jobs that were cancelled while this process received no messages. */
  private async abortWhatWasMissed(): Promise<void> {
    for (const id of this.running) if (await this.isCancelled(id)) this.abort(id);
  }

  /** Where Redis cannot say it, it is looked at again when Redis is back. */
  private async isCancelled(id: string): Promise<boolean> {
    try {
      return await this.store.isCancelled(id);
    } catch (error) {
      if (error instanceof QueueAwayError) return false;
      throw error;
    }
  }
}

/** Somebody else takes it, and it counts as no try. */
async function putBack(job: QueuedJob, token: string): Promise<never> {
  await job.moveToWait(token);
  throw new WaitingError();
}
