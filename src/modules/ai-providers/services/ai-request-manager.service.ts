import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import * as z from 'zod/mini';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import { notAbove } from '../../../infra/config/relation.js';
import { decimal, integer, milliseconds } from '../../../infra/config/value.schemas.js';
import { variable } from '../../../infra/config/variable.js';
import type { HttpConfig } from '../../../infra/http-server/http.config.js';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import { AIError } from '../errors/ai.error.js';
import type {
  CompletionChunk,
  CompletionContext,
  CompletionRequest,
  CompletionResponse,
} from '../interfaces/completion.interface.js';
import type { RouteExplanation } from '../interfaces/monitoring/route-explanation.interface.js';
import { runCompletion } from '../pipeline/complete.pipeline.js';
import { explainRoute } from '../pipeline/explain-route.js';
import type { PipelineDependencies } from '../pipeline/pipeline-dependencies.js';
import type { ChunkStream } from '../interfaces/chunk-stream.interface.js';
import { runStream } from '../pipeline/stream/caller-stream.js';
import type { RetryPolicy } from '../resilience/retry-policy.js';
import { EndedRequests } from '../ledger/ended-requests.js';
import { PIPELINE } from '../pipeline/pipeline-dependencies.js';
import { RequestTracing } from '../telemetry/request-tracing.service.js';
import { RequestsInFlight } from '../admission/requests-in-flight.js';

/** The retry section of the specification: what holds where neither environment nor `forRoot` says otherwise. */
export const RETRY_DEFAULTS: Readonly<RetryPolicy> = {
  maxAttempts: 3, // Maximum retry attempts
  initialDelayMs: 1_000, // Initial delay
  maxDelayMs: 10_000, // Maximum delay
  backoffMultiplier: 2, // Exponential backoff multiplier
};

/** How often and how slowly one provider is tried again. */
export const retryConfig = z
  .strictObject({
    maxAttempts: variable(
      'AI_RETRY_MAX_ATTEMPTS',
      integer(1, 10),
      RETRY_DEFAULTS.maxAttempts,
      'Tries on one provider, the first included.',
    ),
    initialDelayMs: variable(
      'AI_RETRY_INITIAL_DELAY_MS',
      milliseconds(0),
      RETRY_DEFAULTS.initialDelayMs,
      'Upper bound of the first backoff.',
    ),
    maxDelayMs: variable(
      'AI_RETRY_MAX_DELAY_MS',
      milliseconds(0),
      RETRY_DEFAULTS.maxDelayMs,
      'Upper bound of any backoff, and longest Retry-After that is waited for.',
    ),
    backoffMultiplier: variable(
      'AI_RETRY_BACKOFF_MULTIPLIER',
      decimal(1, 100),
      RETRY_DEFAULTS.backoffMultiplier,
      'Growth of the backoff from try to try.',
    ),
  })
  .check(notAbove('initialDelayMs', 'maxDelayMs'));

/**
 * Where completions are asked for, over HTTP and from other Nest services alike. A request goes to the provider of the
 * highest priority that can serve it; where that fails it is tried again and then goes on to the next.
 */
@Injectable()
export class AIRequestManagerService implements BeforeApplicationShutdown {
  constructor(
    @Inject(PIPELINE) private readonly pipeline: PipelineDependencies,
    @Inject(APP_CONFIG) private readonly config: { readonly http: HttpConfig },
    @Inject(LOGGER) private readonly logger: Logger,
    private readonly inFlight: RequestsInFlight,
    private readonly ended: EndedRequests,
    private readonly tracing: RequestTracing,
  ) {}

  /**
   * Gives the whole answer to `request`.
   * @param context the caller's abort signal, request id and name
   * @throws AIError with one of the codes of the error catalogue
   */
  async complete(request: CompletionRequest, context: CompletionContext = {}): Promise<CompletionResponse> {
    const entry = this.inFlight.enter(context.signal);
    try {
      const { requestId, caller, traceHeaders, onCacheStatus, onWarnings } = context;
      const within = {
        requestId,
        caller,
        traceHeaders,
        onCacheStatus,
        onWarnings,
        signal: entry.signal,
      } satisfies Record<keyof CompletionContext, unknown>;
      return await this.tracing.run(request, within, (traced) =>
        runCompletion(this.pipeline, request, traced),
      );
    } finally {
      entry.leave();
    }
  }

  /**
   * Gives the answer to `request` as it comes; the last chunk has `done: true` and the whole account. Ending the
   * iteration early stops the upstream call.
   * @throws AIError before the first chunk for whatever keeps the answer from beginning, later where it was cut and
   * could not be recovered: a cut answer never ends with `done: true`.
   */
  async *streamComplete(
    request: CompletionRequest,
    context: CompletionContext = {},
  ): AsyncGenerator<CompletionChunk, void, undefined> {
    for await (const chunks of this.streamChunks(request, context)) yield* chunks;
  }

  /** As `streamComplete`, in groups of chunks that arrived together: for an API that writes to a socket. */
  streamChunks(request: CompletionRequest, context: CompletionContext = {}): ChunkStream {
    return this.tracing.iterate(request, context, (traced) =>
      runStream(this.pipeline, request, traced, this.inFlight),
    );
  }

  /** What would be tried for `request` now, in what order and why; nothing is sent. */
  explain(request: CompletionRequest): Promise<RouteExplanation> {
    return explainRoute(this.pipeline, request);
  }

  /** Requests that are being answered now. */
  get requestsInFlight(): number {
    return this.inFlight.size;
  }

  /** Whether new requests are still taken. */
  get isDraining(): boolean {
    return this.inFlight.isDraining;
  }

  /** Takes no more requests, lets those in flight end within the configured time, then ends them. */
  async beforeApplicationShutdown(): Promise<void> {
    const { shutdownTimeoutMs } = this.config.http;
    const count = this.inFlight.size;
    if (count > 0) this.logger.info({ inFlight: count, shutdownTimeoutMs }, 'Waiting for requests in flight');
    const aborted = await this.inFlight.drain(
      shutdownTimeoutMs,
      new AIError('SHUTTING_DOWN', 'The service is shutting down'),
    );
    this.ended.flush();
    if (aborted > 0) this.logger.warn({ aborted }, 'Ended requests that outlasted the time to shut down');
  }
}
