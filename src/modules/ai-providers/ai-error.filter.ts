import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { principalOf } from '../../access/access.guard.js';
import { respondWithError } from '../../infra/http-server/error.responder.js';
import {
  rawRequest,
  requestIdOf,
  setHeader,
  rawResponse,
  type HostRequest,
  type HostResponse,
} from '../../infra/http-server/raw-exchange.js';
import { LOGGER, type Logger } from '../../infra/logging/logger.interface.js';
import { AIError } from './errors/ai.error.js';
import { quoted } from './errors/field-problem.js';
import { fromHostError, retryAfterSeconds, toHttpErrorBody } from './errors/to-http-error.js';
import type { AIErrorCode } from './interfaces/error-code.interface.js';

/** Codes of refusals that never reach the request log: there is no request yet. */
const REFUSALS: ReadonlySet<AIErrorCode> = new Set([
  'VALIDATION_FAILED',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'REQUEST_TIMEOUT',
  'PAYLOAD_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
]);

/** Logs in one line which caller was refused what and why. */
export function logRefusal(logger: Logger, error: AIError, request: HostRequest, requestId: string): void {
  if (!REFUSALS.has(error.code)) return;
  const { method, url, socket } = rawRequest(request);
  const { code, statusCode } = error;
  // Without the query, where some clients put a key.
  const path = quoted((url ?? '').replace(/[?#].*$/s, ''));
  const details = {
    requestId,
    code,
    statusCode,
    caller: principalOf(request)?.name,
    address: socket.remoteAddress,
  };
  logger.warn(details, `Refused ${method} ${path}: ${quoted(error.message)}`);
}

/** Answers every error in the one form callers know; what is our own fault is logged with its cause. */
@Catch()
export class AIErrorFilter implements ExceptionFilter {
  constructor(
    private readonly host: HttpAdapterHost,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  catch(thrown: unknown, context: ArgumentsHost): void {
    const http = context.switchToHttp();
    const response = http.getResponse<HostResponse>();
    const raw = rawResponse(response);
    const request = http.getRequest<HostRequest>();
    const requestId = requestIdOf(request, response);
    const error = this.translate(thrown);
    if (error.code === 'INTERNAL') {
      this.logger.error({ requestId, err: error.cause ?? error }, 'Request failed');
    } else {
      logRefusal(this.logger, error, request, requestId);
    }
    if (raw.headersSent || raw.destroyed) {
      raw.destroy();
      return;
    }
    const retryAfter = retryAfterSeconds(error);
    if (retryAfter !== undefined) setHeader(response, 'retry-after', String(retryAfter));
    if (error.code === 'UNAUTHENTICATED') setHeader(response, 'www-authenticate', 'Bearer');
    respondWithError(request, response, {
      status: error.statusCode,
      body: this.bodyOf(error, requestId, rawRequest(request).url ?? ''),
      reply: (...given) => this.host.httpAdapter.reply(...given) as unknown,
    });
  }

  /** An error as this filter's callers read it. */
  protected bodyOf(...[error, requestId]: [error: AIError, requestId: string, url: string]): object {
    return toHttpErrorBody(error, requestId);
  }

  private translate(thrown: unknown): AIError {
    if (thrown instanceof AIError || !(thrown instanceof HttpException)) return fromHostError(thrown);
    return fromHostError(Object.assign(new Error(thrown.message), { statusCode: thrown.getStatus() }));
  }
}
