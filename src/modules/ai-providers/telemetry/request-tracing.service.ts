import { Injectable } from '@nestjs/common';
import {
  context,
  propagation,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
} from '@opentelemetry/api';
import { Telemetry } from '../../../infra/telemetry/telemetry.js';
import { AIError } from '../errors/ai.error.js';
import type { LeavableIterator } from '../interfaces/chunk-stream.interface.js';
import type { CompletionContext, CompletionRequest } from '../interfaces/completion.interface.js';
import { GEN_AI } from '../registry/adapters/gen-ai.attributes.js';
import { iterateWithin } from '../registry/adapters/iterate-within.js';

/** A request as it is run: with its context, of which telemetry may have made another. */
type Work<T> = (context: CompletionContext) => T;

/**
 * A span for each request, over those of its tries; its parent is the caller's span. Where telemetry is off, requests are
 * run as if this were not here.
 */
@Injectable()
export class RequestTracing {
  constructor(private readonly telemetry: Telemetry) {}

  run<T>(request: CompletionRequest, asked: CompletionContext, work: Work<Promise<T>>): Promise<T> {
    return this.telemetry.isOn ? tracedOnce(request, asked, work) : work(asked);
  }

  /** The groups of a stream; a reader who leaves early ends the span as well. */
  iterate<T>(
    request: CompletionRequest,
    asked: CompletionContext,
    work: Work<LeavableIterator<T>>,
  ): LeavableIterator<T> {
    return this.telemetry.isOn ? traced(request, asked, work) : work(asked);
  }
}

async function tracedOnce<T>(
  request: CompletionRequest,
  asked: CompletionContext,
  work: Work<Promise<T>>,
): Promise<T> {
  const { span, within, hearing } = open(request, asked, false);
  try {
    return await context.with(within, () => work(hearing));
  } catch (error) {
    noteError(span, error);
    throw error;
  } finally {
    span.end();
  }
}

async function* traced<T>(
  request: CompletionRequest,
  asked: CompletionContext,
  work: Work<LeavableIterator<T>>,
): AsyncGenerator<T, undefined, undefined> {
  const { span, within, hearing } = open(request, asked, true);
  let isOver = false;
  try {
    yield* iterateWithin(within, () => work(hearing));
    isOver = true;
    return undefined;
  } catch (error) {
    isOver = true;
    noteError(span, error);
    throw error;
  } finally {
    if (!isOver) noteError(span, new AIError('CLIENT_CLOSED_REQUEST', 'The caller stopped reading'));
    span.end();
  }
}

function open(
  request: CompletionRequest,
  asked: CompletionContext,
  streamed: boolean,
): { span: Span; within: Context; hearing: CompletionContext } {
  const { traceHeaders, requestId, caller, onCacheStatus } = asked;
  const parent = traceHeaders ? propagation.extract(context.active(), traceHeaders) : context.active();
  const span = trace.getTracer('ai-providers').startSpan(
    'complete',
    {
      kind: traceHeaders ? SpanKind.SERVER : SpanKind.INTERNAL,
      attributes: {
        'ai_providers.streamed': streamed,
        ...(requestId !== undefined && { 'ai_providers.request.id': requestId }),
        ...(caller !== undefined && { 'ai_providers.caller': caller }),
        ...(request.model !== undefined && { [GEN_AI.requestModel]: request.model }),
      },
    },
    parent,
  );
  const hearing: CompletionContext = {
    ...asked,
    onCacheStatus: (status) => {
      span.setAttribute('ai_providers.cache', status.toLowerCase());
      onCacheStatus?.(status);
    },
  };
  return { span, within: trace.setSpan(parent, span), hearing };
}

function noteError(span: Span, error: unknown): void {
  const known = error instanceof AIError;
  span.setAttribute(GEN_AI.errorType, known ? error.code : 'INTERNAL');
  span.setStatus({ code: SpanStatusCode.ERROR, ...(known && { message: error.message }) });
}
