import type { HttpErrorBody } from '../ai-providers/errors/to-http-error.js';
import type {
  CompletionRequest,
  CompletionResponse,
  RequestPriority,
  TraceHeaders,
} from '../ai-providers/interfaces/completion.interface.js';

export type JobStatus = 'queued' | 'active' | 'completed' | 'failed' | 'cancelled';

/** A completion that may wait, as its caller sees it. Times are ISO 8601. */
export interface AIJob {
  id: string;
  status: JobStatus;
  priority: RequestPriority;
  /** Percent. A completion comes whole: 0 until it has ended. */
  progress: number;
  /** How often work on it has begun. */
  attempts: number;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
  /** From then on there is no such job. */
  expiresAt: string | null;
  result: CompletionResponse | null;
  error: HttpErrorBody | null;
}

/** Who asks for a job, and what it is to be beside its request. */
export interface JobSubmission {
  request: CompletionRequest;
  /** Name of the access key; the job is that caller's. */
  caller?: string;
  requestId?: string;
  traceHeaders?: TraceHeaders;
  /** Asked for twice with the same key and request, there is one job. */
  idempotencyKey?: string;
  /** Where a message goes when the job has ended. */
  webhookUrl?: string;
}

/** Whose jobs may be read and cancelled: all, or those of one caller. */
export type JobReader = { all: true } | { all: false; caller: string | undefined };

/** What is kept of a submission until the job expires. */
export interface JobData {
  request: CompletionRequest;
  owner: string | null;
  requestId: string;
  traceHeaders: TraceHeaders;
  /** SHA-256 of what was submitted. */
  fingerprint: string;
}

/** What is kept until a message about an ended job is delivered. */
export interface JobMessageData {
  jobId: string;
  url: string;
}
