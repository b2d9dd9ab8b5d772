import type {
  CacheStatus,
  CompletionChunk,
  CompletionContext,
  CompletionRequest,
  CompletionResponse,
  CompletionWarning,
  StoredAnswer,
} from '../interfaces/completion.interface.js';
import type { RequestDeadline } from '../resilience/request-deadline.js';
import type { SharedStream } from './cache/shared-stream.js';
import type { SingleFlight } from './cache/single-flight.js';

/** Token under which Nest injects the list of `Policy`, in the order in which they are asked. */
export const POLICIES = Symbol('Policies');

/** Token under which Nest injects the policies that the host application adds. */
export const HOST_POLICIES = Symbol('HostPolicies');

/** A request as policies see it. */
export interface PolicyRequest {
  readonly request: CompletionRequest;
  readonly context: CompletionContext;
  /** Ends with the request: whatever a policy waits for ends with it. */
  readonly deadline: RequestDeadline;
  /** Whether the caller wants parts as they come. */
  readonly streamed: boolean;
  /** Other requests that this one has followed and that failed. */
  leadersFailed: number;
}

/**
 * What one policy does for one request, from `before` until the request is over. It holds whatever the policy took for that
 * request; `end` is called exactly once and gives it back.
 */
export interface PolicyTurn {
  /** Reported to the caller, where the policy looked for an answer. */
  readonly cacheStatus?: CacheStatus;
  /** What of the request the policy does not do as asked. */
  readonly warnings?: readonly CompletionWarning[];
  /** The whole answer, where the policy has it: neither later policies nor a provider is asked. */
  readonly answer?: StoredAnswer;
  /** The stream of another request that gives the same answer; then too no provider is asked. */
  readonly followed?: SharedStream;
  /** Where other requests follow this one. */
  readonly singleFlight?: SingleFlight;
  /** Whether `after` is to be called: a stream is held in memory until its end for that. */
  readonly wantsAnswer: boolean;
  /** The whole answer is not to be had: the stream has become too long to be held. `after` is not called then. */
  discard?(): void;
  /** Sees each group of chunks before the caller does. It must not wait. @throws AIError to end the stream */
  onPart?(chunks: readonly CompletionChunk[]): void;
  /** The provider's whole answer, before the caller has it; never one of the cache. @throws AIError to refuse it: it is not cached then */
  after?(response: CompletionResponse): void;
  /** Whether the policy is to be asked again once the stream that it named has failed with `error` before its first chunk. */
  mayStartOver?(error: unknown): boolean;
  /** The request is over; `error` is undefined for an answer. It must not throw. */
  end?(error: unknown): void;
}

/**
 * Something done around every request, such as a cache, a budget or a guardrail. Policies are asked in order before a
 * provider is, and are called at the end in the opposite order.
 */
export interface Policy {
  /** For logs and errors. */
  readonly name: string;
  /**
   * A request is about to be answered. A policy that waits gives a promise, and rejects once the request's deadline has ended.
   * @returns its turn, or null where the request is none of its business
   * @throws AIError to refuse the request
   */
  before(request: PolicyRequest): PolicyTurn | null | Promise<PolicyTurn | null>;
}
