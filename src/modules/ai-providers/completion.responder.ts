import { Inject, Injectable } from '@nestjs/common';
import { principalOf } from '../../access/access.guard.js';
import { APP_CONFIG } from '../../infra/config/config.token.js';
import type { HttpConfig } from '../../infra/http-server/http.config.js';
import type { StreamsConfig } from './streams.config.js';
import { dataEvent } from '../../infra/http-server/event-stream.writer.js';
import {
  hangUpSignal,
  rawRequest,
  rawResponse,
  requestIdOf,
  setHeader,
  type HostRequest,
  type HostResponse,
} from '../../infra/http-server/raw-exchange.js';
import {
  respondWithJson,
  respondWithStream,
  type StreamPatience,
  type StreamWire,
} from '../../infra/http-server/stream.responder.js';
import { LOGGER, type Logger } from '../../infra/logging/logger.interface.js';
import type { AIError } from './errors/ai.error.js';
import { fromHostError, toHttpErrorBody } from './errors/to-http-error.js';
import type {
  CacheStatus,
  CompletionChunk,
  CompletionContext,
  CompletionDelta,
  CompletionRequest,
  CompletionResponse,
  CompletionWarning,
} from './interfaces/completion.interface.js';
import { AIRequestManagerService } from './services/ai-request-manager.service.js';

/** Who asks, for the log and for traces. */
export type Exchange = Pick<CompletionContext, 'caller' | 'traceHeaders'> & { requestId: string };

/** What is known of an exchange before its body is read. */
export function exchangeOf(request: HostRequest, response: HostResponse): Exchange {
  const { traceparent, tracestate } = rawRequest(request).headers;
  return {
    requestId: requestIdOf(request, response),
    caller: principalOf(request)?.name,
    traceHeaders: {
      traceparent: typeof traceparent === 'string' ? traceparent : undefined,
      tracestate: typeof tracestate === 'string' ? tracestate : undefined,
    },
  };
}

/** A wire format for completions: how an answer, its pieces and an error stand in it. */
export interface CompletionWire {
  /** The name that its callers know a field of ours by; the same where left out. */
  fieldName?: (field: string) => string;
  answer(response: CompletionResponse): unknown;
  chunks(group: readonly CompletionChunk[]): string;
  end: string;
  error(error: AIError, requestId: string): string;
}

/** Our own format. */
export const NATIVE_WIRE: CompletionWire = {
  answer: (response) => response,
  chunks: (group) => {
    let events = '';
    for (const chunk of group) events += chunk.done ? dataEvent(chunk) : deltaEvent(chunk);
    return events;
  },
  end: 'data: [DONE]\n\n',
  error: (error, requestId) => dataEvent(toHttpErrorBody(error, requestId), 'error'),
};

/** The model stands in the last event alone. */
function deltaEvent(delta: CompletionDelta): string {
  if (isPlainText(delta)) return textEvent(delta);
  const { model, ...said } = delta;
  return dataEvent(said);
}

function isPlainText(delta: CompletionDelta): boolean {
  const { reasoning, refusal, toolCallDelta, logprobs, providerData } = delta;
  if (logprobs !== undefined || providerData !== undefined) return false;
  return reasoning === undefined && refusal === undefined && toolCallDelta === undefined;
}

/** The same as `dataEvent`, for what nearly all chunks are: writing a text as JSON costs half of writing an object. */
function textEvent({ id, content }: CompletionDelta): string {
  return `data: {"id":"${id}","content":${JSON.stringify(content)},"done":false}\n\n`;
}

/** Longest header of warnings, in characters. Our number: all fields of a usual request fit. */
const MAX_WARNINGS_HEADER = 1_024;

/** The fields' names, as far as a header can hold them: a caller may have made them up. */
function namesOf(
  warnings: readonly CompletionWarning[],
  nameOf: (field: string) => string = (field) => field,
): string {
  const names = warnings.map(({ field }) =>
    nameOf(field)
      .slice(0, 100)
      .replace(/[^\x21-\x7e]|,/g, '_'),
  );
  return [...new Set(names)].join(', ').slice(0, MAX_WARNINGS_HEADER);
}

/** Answers a completion on Node's own response, so that it is the same in a Fastify and an Express application. */
@Injectable()
export class CompletionResponder {
  private readonly patience: StreamPatience;

  constructor(
    private readonly manager: AIRequestManagerService,
    @Inject(APP_CONFIG) { http, streams }: { readonly http: HttpConfig; readonly streams: StreamsConfig },
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    this.patience = { keepAliveMs: http.keepAliveMs, ...streams };
  }

  /** A caller that hangs up ends the request. @throws AIError while the response has not begun. */
  async answer(
    request: CompletionRequest,
    exchange: Exchange,
    response: HostResponse,
    wire: CompletionWire = NATIVE_WIRE,
  ): Promise<void> {
    const signal = hangUpSignal(rawResponse(response));
    const onCacheStatus = (status: CacheStatus): void => {
      if (!rawResponse(response).headersSent) setHeader(response, 'x-cache', status);
    };
    const onWarnings = (warnings: readonly CompletionWarning[]): void => {
      if (rawResponse(response).headersSent) return;
      setHeader(response, 'x-ai-warnings', namesOf(warnings, wire.fieldName));
    };
    const { requestId, caller, traceHeaders } = exchange;
    const context = { requestId, caller, traceHeaders, signal, onCacheStatus, onWarnings } satisfies Record<
      keyof CompletionContext,
      unknown
    >;
    try {
      if (request.stream) {
        const groups = this.manager.streamChunks(request, context);
        await respondWithStream(response, groups, this.streamWire(wire, exchange), this.patience);
      } else {
        const answer = wire.answer(await this.manager.complete(request, context));
        respondWithJson(response, JSON.stringify(answer), this.patience.readerTimeoutMs);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
      this.noteOwn(fromHostError(error), requestId, 'Request failed after its caller had left');
    }
  }

  /** A failure of our own is logged, whether or not the caller is still connected. */
  private noteOwn(error: AIError, requestId: string, message: string): void {
    if (error.code === 'INTERNAL') this.logger.error({ requestId, err: error.cause ?? error }, message);
  }

  private streamWire(wire: CompletionWire, { requestId }: Exchange): StreamWire<CompletionChunk> {
    return {
      chunks: (group) => wire.chunks(group),
      end: wire.end,
      error: (thrown) => {
        const error = fromHostError(thrown);
        this.noteOwn(error, requestId, 'Stream failed');
        return wire.error(error, requestId);
      },
    };
  }
}
