import { UnrecoverableError } from 'bullmq';
import type { AIError } from '../../ai-providers/errors/ai.error.js';
import { toHttpErrorBody, type HttpErrorBody } from '../../ai-providers/errors/to-http-error.js';
import type { AIErrorCode } from '../../ai-providers/interfaces/error-code.interface.js';

const FIRST_DELAY_MS = 5_000;
const LONGEST_DELAY_MS = 300_000;

/** How often work on a job is begun at most. With the delays below, those that wait for a provider wait for about 25 minutes. */
export const JOB_TRIES = 10;

/** Failures that may pass with time and whose retry repeats no work of a vendor: no provider was available, or none had capacity. */
const PASSING: readonly AIErrorCode[] = ['NO_PROVIDER_AVAILABLE', 'RATE_LIMITED', 'OVERLOADED'];

/** A failure that is tried again later. Its message, as that of any failed job, is the body of the error. */
export class PassingFailure extends Error {
  override readonly name = 'PassingFailure';

  constructor(
    body: HttpErrorBody,
    readonly retryAfterMs: number | undefined,
  ) {
    super(JSON.stringify(body));
  }
}

/** What a worker throws for `error`: the queue tries again what may pass, and keeps the body of what does not. */
export function toJobFailure(error: AIError, requestId: string): Error {
  const body = toHttpErrorBody(error, requestId);
  return PASSING.includes(error.code)
    ? new PassingFailure(body, error.retryAfterMs)
    : new UnrecoverableError(JSON.stringify(body));
}

/** Milliseconds to the next try after so many failed ones (from 1): doubled each time, and not before it is worth it. */
export function jobRetryDelay(failed: number, failure: unknown): number {
  const asked = failure instanceof PassingFailure ? (failure.retryAfterMs ?? 0) : 0;
  return Math.max(asked, Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failed - 1)));
}
