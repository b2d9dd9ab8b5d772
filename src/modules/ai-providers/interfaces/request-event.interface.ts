import type { AIProviderType } from './ai-provider.interface.js';
import type { Attempt } from './attempt.interface.js';
import type { AIErrorCode } from './error-code.interface.js';
import type { Bill, ChargedPrices, TokenUsage } from './usage.interface.js';

/** One try that reached a provider, as it ended, with all that its account is made from. */
export interface AttemptRecord extends Attempt {
  providerType: AIProviderType;
  /** 1 for the first try of this request on this provider. */
  tryNumber: number;
  usage: TokenUsage;
  /** The prices that held for it. */
  pricing: ChargedPrices | null;
  /** What it cost: of an answer its usage, of a failed try what the vendor reported. Null where that is not known. */
  cost: Bill | null;
  /** Milliseconds to the first content of a stream. */
  timeToFirstToken: number | null;
}

/** What a request asks a model to do. */
export type OperationName = 'chat';

/** One request, as it ended: the one wide event from which every number is computed. `code` is null for an answer. */
export interface RequestEvent {
  /** Unique, and greater for a later request (UUID version 7, RFC 9562). */
  id: string;
  requestId: string;
  caller: string | null;
  /** Absent in events of versions that had chat alone. */
  operation?: OperationName;
  code: AIErrorCode | null;
  streamed: boolean;
  recovered: boolean;
  /** Answered from the cache: then its one attempt is that of the provider whose answer it was. */
  cached: boolean;
  /** Milliseconds for the whole request. */
  latency: number;
  /** In the order in which they ended. */
  attempts: readonly AttemptRecord[];
  /** Providers that were not asked because of their circuits: of a request that failed and found no provider to ask. */
  skippedByCircuit?: readonly string[];
  metadata: Record<string, string> | null;
  /** Milliseconds since the epoch. */
  startedAt: number;
  endedAt: number;
}

/** Keeps what became of every request. */
export interface RequestSink {
  /** Resolves once the request is kept, which its answer waits for. Never rejects. */
  requestEnded(event: RequestEvent): Promise<void>;
}
