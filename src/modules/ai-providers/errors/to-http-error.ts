import { STATUS_CODES } from 'node:http';
import type { Attempt } from '../interfaces/attempt.interface.js';
import type { AIErrorCode } from '../interfaces/error-code.interface.js';
import { AIError, OWN_FAILURE } from './ai.error.js';
import type { FieldProblem } from '../interfaces/field-problem.interface.js';

/** An error as it travels over HTTP. */
export interface HttpErrorBody {
  statusCode: number;
  error: string;
  /** One line a field for `VALIDATION_FAILED`, else a sentence. */
  message: string | string[];
  code: AIErrorCode;
  requestId: string;
  /** The field that an `UNSUPPORTED_REQUEST` is about. */
  field?: string;
  /** For `VALIDATION_FAILED`: the lines of `message`, each with its field. */
  errors?: readonly FieldProblem[];
  /** The vendor's own code or type, where a vendor is the reason. */
  upstreamCode?: string;
  attempts?: Attempt[];
}

/** nginx's name for a caller that hung up; it is in no RFC. */
const CLIENT_CLOSED_REQUEST = 'Client Closed Request';

/** The body of `error`. */
export function toHttpErrorBody(error: AIError, requestId: string): HttpErrorBody {
  const body: HttpErrorBody = {
    statusCode: error.statusCode,
    error: STATUS_CODES[error.statusCode] ?? CLIENT_CLOSED_REQUEST,
    message: error.message,
    code: error.code,
    requestId,
  };
  if (error.field !== undefined) body.field = error.field;
  if (error.code === 'VALIDATION_FAILED') {
    body.errors = error.problems ?? [{ field: 'body', message: error.message }];
    body.message = body.errors.map(({ message }) => message);
  }
  if (error.upstreamCode !== undefined) body.upstreamCode = error.upstreamCode;
  if (error.attempts !== undefined) body.attempts = error.attempts;
  return body;
}

/** `Retry-After` in whole seconds (RFC 9110 §10.2.3), never sooner than known. */
export function retryAfterSeconds({ retryAfterMs }: AIError): number | undefined {
  return retryAfterMs === undefined ? undefined : Math.max(1, Math.ceil(retryAfterMs / 1000));
}

const CODE_OF_STATUS: Readonly<Record<number, AIErrorCode>> = {
  400: 'VALIDATION_FAILED',
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  408: 'REQUEST_TIMEOUT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  503: 'SHUTTING_DOWN',
};

/** Where the hosts' own texts say too little. */
const TEXT_OF_CODE: Readonly<Partial<Record<AIErrorCode, string>>> = {
  PAYLOAD_TOO_LARGE: 'The body is larger than this service takes',
  UNSUPPORTED_MEDIA_TYPE: 'The body must be sent as content-type: application/json',
};

/** What a host's own error means in our words: its status and text where it is the caller's doing, nothing where not. */
export function fromHostError(thrown: unknown): AIError {
  if (thrown instanceof AIError) return thrown;
  const code = CODE_OF_STATUS[statusOf(thrown)];
  if (code === undefined || !(thrown instanceof Error)) {
    return new AIError('INTERNAL', OWN_FAILURE, {
      cause: thrown,
    });
  }
  return new AIError(code, TEXT_OF_CODE[code] ?? thrown.message, { cause: thrown });
}

function statusOf(thrown: unknown): number {
  if (typeof thrown !== 'object' || thrown === null) return 500;
  const { status, statusCode } = thrown as { status?: unknown; statusCode?: unknown };
  return Number(statusCode ?? status ?? 500);
}
