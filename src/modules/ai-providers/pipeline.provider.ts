import type { FactoryProvider } from '@nestjs/common';
import { timeOrderedId } from '../../infra/crypto/time-ordered-id.js';
import { AbortSource } from '../../infra/cancellation/abort-source.js';
import { APP_CONFIG } from '../../infra/config/config.token.js';
import { LOGGER, type Logger } from '../../infra/logging/logger.interface.js';
import { TokenEstimator } from '../../infra/tokenizer/token-estimator.js';
import type { AppConfig } from '../../app-config.js';
import { CLOCK, type Clock } from './interfaces/clock.interface.js';
import { CHAT } from './operations/chat/chat.operation.js';
import type { AttemptScope } from './pipeline/attempt/attempt-scope.js';
import { POLICIES, type Policy } from './policies/policy.interface.js';
import { PIPELINE, type PipelineDependencies } from './pipeline/pipeline-dependencies.js';
import { HeldTextLimit } from './pipeline/stream/held-text.limit.js';
import { planRoute } from './routing/plan-route.js';
import { AIAdapterPool } from './registry/adapters/ai-adapter.pool.js';
import { ProviderDirectory } from './registry/provider-directory.js';
import { EndedRequests } from './ledger/ended-requests.js';
import { ProviderStateGate } from './admission/provider-state.gate.js';
import { SharedStateGate } from './admission/shared-state.gate.js';
import { ProviderTrafficService } from './admission/provider-traffic.service.js';
import { REQUEST_QUEUE, type RequestQueue } from './admission/request-queue.provider.js';
import { RequestRecorder } from './ledger/request-recorder.service.js';

/** Our number: a hundred long answers at the same time, and a small part of a small process's memory. */
const HELD_TEXT_CHARACTERS = 8 * 1024 * 1024;

/** Hands the pipeline what it asks for. The order of the gates is the order in which a try passes them. */
export const PIPELINE_PROVIDER: FactoryProvider<PipelineDependencies> = {
  provide: PIPELINE,
  inject: [
    APP_CONFIG,
    CLOCK,
    ProviderDirectory,
    AIAdapterPool,
    ProviderTrafficService,
    ProviderStateGate,
    SharedStateGate,
    REQUEST_QUEUE,
    TokenEstimator,
    POLICIES,
    RequestRecorder,
    EndedRequests,
    LOGGER,
  ],
  useFactory: (
    config: AppConfig,
    clock: Clock,
    directory: ProviderDirectory,
    adapters: AIAdapterPool,
    traffic: ProviderTrafficService,
    state: ProviderStateGate,
    shared: SharedStateGate,
    queue: RequestQueue<AttemptScope>,
    tokens: TokenEstimator,
    policies: readonly Policy[],
    recorder: RequestRecorder,
    ended: EndedRequests,
    logger: Logger,
  ) => ({
    operation: CHAT,
    clock,
    random: Math.random,
    newId: timeOrderedId,
    newCancelSource: () => new AbortSource(),
    directory,
    adapters,
    policies,
    route: (request, knowledge) =>
      planRoute(directory.all(), request, (deployments) => traffic.order(deployments), knowledge),
    gates: [state, shared, traffic],
    shared,
    queue,
    queueMaxWaitMs: config.queue.maxWaitMs,
    readerTimeoutMs: config.streams.readerTimeoutMs,
    deadlines: config.deadlines,
    heldText: new HeldTextLimit(HELD_TEXT_CHARACTERS),
    tokens,
    failedInside: (err, where) =>
      logger.error({ ...where, err }, 'Our own code failed in a try at a provider'),
    observer: {
      requestEnded: async (event) => {
        await recorder.requestEnded(event);
        ended.add(event);
      },
    },
    retry: config.retry,
    streamRecovery: config.streamRecovery,
  }),
};
