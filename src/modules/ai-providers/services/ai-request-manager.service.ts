import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../../../infra/config/app-config.interface.js';
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
import { EndedRequests } from '../ledger/ended-requests.js';
import { PIPELINE } from '../pipeline/pipeline-dependencies.js';
import { RequestTracing } from '../telemetry/request-tracing.service.js';
import { RequestsInFlight } from '../admission/requests-in-flight.js';

/**
 * Where completions are asked for, over HTTP and from other Nest services alike. A request goes to the provider of the
 * highest priority that can serve it; where that fails it is tried again and then goes on to the next.
 */
@Injectable()
export class AIRequestManagerService implements BeforeApplicationShutdown {
  constructor(
    @Inject(PIPELINE) private readonly pipeline: PipelineDependencies,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
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
    this.ended.tell();
    if (aborted > 0) this.logger.warn({ aborted }, 'Ended requests that outlasted the time to shut down');
  }
}
