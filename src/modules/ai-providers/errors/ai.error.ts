import { STATUS_CODES } from 'node:http';
import { HttpException } from '@nestjs/common';
import type { Attempt } from '../interfaces/attempt.interface.js';
import type { AIErrorCode } from '../interfaces/error-code.interface.js';
import type { FieldProblem } from '../interfaces/field-problem.interface.js';
import { ProviderError } from './provider.error.js';

/** The HTTP status each code travels under. */
export const AI_ERROR_STATUS: Readonly<Record<AIErrorCode, number>> = {
  VALIDATION_FAILED: 400,
  UNSUPPORTED_REQUEST: 400,
  UPSTREAM_REJECTED_REQUEST: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  PROVIDER_NOT_FOUND: 404,
  MODEL_NOT_FOUND: 404,
  JOB_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  PROVIDER_INACTIVE: 409,
  PROVIDER_CHANGED: 412,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  IDEMPOTENCY_KEY_REUSED: 422,
  RATE_LIMITED: 429,
  CLIENT_CLOSED_REQUEST: 499,
  INTERNAL: 500,
  ALL_PROVIDERS_FAILED: 502,
  NO_PROVIDER_AVAILABLE: 503,
  OVERLOADED: 503,
  DATABASE_UNAVAILABLE: 503,
  JOBS_UNAVAILABLE: 503,
  SHUTTING_DOWN: 503,
  DEADLINE_EXCEEDED: 504,
};

/** The only message that a caller gets for a failure of our own. */
export const OWN_FAILURE = 'The service failed; the log has the reason under this request id';

/** What an error carries beside its code and text. */
export interface AIErrorDetails {
  /** The one field that an `UNSUPPORTED_REQUEST` is about. */
  field?: string;
  /** What is wrong with which field, for `VALIDATION_FAILED`. */
  problems?: readonly FieldProblem[];
  attempts?: Attempt[];
  /** When it is worth asking again, in milliseconds. */
  retryAfterMs?: number;
  /** Never shown to a caller. */
  cause?: unknown;
}

/**
 * The one error this module throws at its callers. `message` is readable and free of secrets. It is Nest's own kind of
 * error, so that it reaches a caller of the host's own routes under its status whatever filters the host has.
 */
export class AIError extends HttpException {
  readonly code: AIErrorCode;
  readonly statusCode: number;
  readonly field?: string;
  readonly problems?: readonly FieldProblem[];
  readonly attempts?: Attempt[];
  readonly retryAfterMs?: number;

  constructor(code: AIErrorCode, message: string, details: AIErrorDetails = {}) {
    super(message, AI_ERROR_STATUS[code], { cause: details.cause });
    this.name = 'AIError';
    this.code = code;
    this.statusCode = AI_ERROR_STATUS[code];
    this.problems = details.problems;
    this.field = details.field;
    this.attempts = details.attempts;
    this.retryAfterMs = details.retryAfterMs;
  }

  /** The vendor's own code or type, where a vendor is the cause. */
  get upstreamCode(): string | undefined {
    return this.cause instanceof ProviderError ? this.cause.vendorCode : undefined;
  }

  /** What filters of a host answer with; ours add the request's id. */
  override getResponse(): object {
    const { statusCode, message, code, problems: errors, field, attempts } = this;
    const error = STATUS_CODES[statusCode] ?? code;
    return {
      statusCode,
      error,
      message: errors?.map((problem) => problem.message) ?? message,
      code,
      errors,
      field,
      attempts,
    };
  }

  /** The same error, saying who was asked; one that says so already, as it is. */
  withAttempts(attempts: Attempt[]): AIError {
    if (this.attempts !== undefined) return this;
    const { code, message, problems, field, retryAfterMs, cause } = this;
    return new AIError(code, message, { problems, field, retryAfterMs, cause, attempts });
  }
}

export function providerNotFound(id: string): AIError {
  return new AIError('PROVIDER_NOT_FOUND', `There is no provider ${id}`);
}
