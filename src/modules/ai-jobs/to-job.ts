import type { Job, JobState } from 'bullmq';
import { AIError } from '../ai-providers/errors/ai.error.js';
import { toHttpErrorBody, type HttpErrorBody } from '../ai-providers/errors/to-http-error.js';
import type { CompletionResponse, RequestPriority } from '../ai-providers/interfaces/completion.interface.js';
import type { AIJob, JobData, JobStatus } from './job.interface.js';
import { CANCELLED } from './storage/job-queue.names.js';

/** A job as the queue keeps it. */
export type QueuedJob = Job<JobData, CompletionResponse>;

/** BullMQ serves lower numbers first; 0 would be none. */
export const PRIORITY_NUMBER: Readonly<Record<RequestPriority, number>> = { high: 1, normal: 2, low: 3 };

/** A queued job as its caller sees it. */
export function toJob(job: QueuedJob, state: JobState | 'unknown', ttlSeconds: number): AIJob {
  const status = statusOf(job, state);
  const finishedAt = job.finishedOn;
  return {
    id: job.id ?? '',
    status,
    priority: job.data.request.priority ?? 'normal',
    progress: status === 'completed' || finishedAt !== undefined ? 100 : 0,
    attempts: job.attemptsStarted,
    createdAt: isoTime(job.timestamp),
    startedAt: job.processedOn === undefined ? null : isoTime(job.processedOn),
    finishedAt: finishedAt === undefined ? null : isoTime(finishedAt),
    expiresAt: finishedAt === undefined ? null : isoTime(finishedAt + ttlSeconds * 1_000),
    result: status === 'completed' ? job.returnvalue : null,
    error: status === 'failed' ? errorOf(job) : null,
  };
}

/** A job whose cancellation was answered stays cancelled, even where it ended at the same moment. */
function statusOf(job: QueuedJob, state: JobState | 'unknown'): JobStatus {
  if (job.progress === CANCELLED) return 'cancelled';
  if (state === 'completed' || state === 'failed' || state === 'active') return state;
  return 'queued';
}

function errorOf({ failedReason, data }: QueuedJob): HttpErrorBody {
  try {
    return JSON.parse(failedReason) as HttpErrorBody;
  } catch {
    // BullMQ's own words: the process that worked on it was lost, and so was the one that took it over.
    const lost = new AIError(
      'INTERNAL',
      'Two processes that worked on this job ended before it did; it is not tried again',
    );
    return toHttpErrorBody(lost, data.requestId);
  }
}

function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
