import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import {
  rawRequest,
  requestIdOf,
  setHeader,
  rawResponse,
  type HostRequest,
  type HostResponse,
} from '../../infra/http-server/raw-exchange.js';
import { LOGGER, type Logger } from '../../infra/logging/logger.interface.js';
import type { AIError } from './errors/ai.error.js';
import { fromHostError, retryAfterSeconds, toHttpErrorBody } from './errors/to-http-error.js';

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
    if (error.code === 'INTERNAL')
      this.logger.error({ requestId, err: error.cause ?? error }, 'Request failed');
    if (raw.headersSent || raw.destroyed) {
      raw.destroy();
      return;
    }
    const retryAfter = retryAfterSeconds(error);
    if (retryAfter !== undefined) setHeader(response, 'retry-after', String(retryAfter));
    if (error.code === 'UNAUTHENTICATED') setHeader(response, 'www-authenticate', 'Bearer');
    this.host.httpAdapter.reply(
      response,
      this.bodyOf(error, requestId, rawRequest(request).url ?? ''),
      error.statusCode,
    );
  }

  /** An error as this filter's callers read it. */
  protected bodyOf(...[error, requestId]: [error: AIError, requestId: string, url: string]): object {
    return toHttpErrorBody(error, requestId);
  }

  private translate(thrown: unknown): AIError {
    if (!(thrown instanceof HttpException)) return fromHostError(thrown);
    return fromHostError(Object.assign(new Error(thrown.message), { statusCode: thrown.getStatus() }));
  }
}
