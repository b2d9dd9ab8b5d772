import type { TokenCounter } from '../accounting/token-counter.interface.js';
import type { CancelSource } from '../interfaces/cancel-signal.interface.js';
import type { Clock, Random } from '../interfaces/clock.interface.js';
import type { ProviderAnswer, ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { Operation } from '../operations/operation.interface.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import type { RetryPolicy } from '../resilience/retry-policy.js';
import type { Route, RouteKnowledge } from '../routing/plan-route.js';
import type { AttemptScope } from './attempt/attempt-scope.js';
import type { HeldTextLimit } from './stream/held-text.limit.js';
import type { ProviderLookup } from '../interfaces/provider-lookup.interface.js';
import type { RequestSink } from '../interfaces/request-event.interface.js';
import type { AdapterSource } from '../interfaces/ai-adapter.interface.js';
import type { Policy } from '../policies/policy.interface.js';
import type { AttemptGate, SharedGate, RequestWaitQueue } from '../admission/admission.ports.js';

/** Token under which Nest injects the `PipelineDependencies`. */
export const PIPELINE = Symbol('Pipeline');

/** All that the pipeline asks of the rest of the house. */
export interface PipelineDependencies {
  /** What is asked of deployments. */
  operation: Operation<CompletionRequest, ProviderCall, ProviderAnswer>;
  clock: Clock;
  random: Random;
  newId: () => string;
  /** For each try: the platform's own pair of signal and controller is dear, and this need not be one. */
  newCancelSource: () => CancelSource;
  directory: ProviderLookup;
  adapters: AdapterSource;
  /** Around every request, in this order. */
  policies: readonly Policy[];
  /** Plans by the providers as they are now. */
  route: (request: CompletionRequest, knowledge: RouteKnowledge) => Route;
  /** Asked in this order before each try. */
  gates: readonly AttemptGate[];
  /** Asked last, once all gates have let a try through; it is one of them too. */
  shared: SharedGate;
  queue: RequestWaitQueue<AttemptScope>;
  /** How long a request without a timeout of its own waits in the queue. */
  queueMaxWaitMs: number;
  /** How long the reader of a stream may take nothing before he counts as gone, in milliseconds. */
  readerTimeoutMs: number;
  /** What a provider has whose operator has said nothing else, in milliseconds. */
  deadlines: { readonly firstTokenTimeoutMs: number; readonly idleTimeoutMs: number };
  /** What streams may hold of their texts beyond the beginning of each. */
  heldText: HeldTextLimit;
  tokens: TokenCounter;
  observer: RequestSink;
  /** Called at once with what our own code threw in a try. It must neither wait nor throw. */
  failedInside: (cause: unknown, where: { requestId: string; providerId: string; model: string }) => void;
  retry: Pick<RetryPolicy, 'maxDelayMs' | 'backoffMultiplier'>;
  streamRecovery: 'splice' | 'prefill' | 'off';
}
