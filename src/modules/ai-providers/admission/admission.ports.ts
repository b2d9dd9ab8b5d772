import type { ProviderError } from '../errors/provider.error.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { Refusal } from '../interfaces/attempt.interface.js';
import type { CancelSignal } from '../interfaces/cancel-signal.interface.js';
import type { TokenUsage } from '../interfaces/usage.interface.js';
import type { Deployment } from '../models/deployment.js';
import type { TakeResult, WaitRequest } from '../resilience/queue/wait-queue.interface.js';

/** How a try ended. `not_sent`: a gate refused it, or the request ended while it waited. */
export type AttemptEnding =
  | { outcome: 'success'; usage: TokenUsage }
  | { outcome: 'failure'; error: ProviderError; usage: TokenUsage }
  | { outcome: 'not_sent' };

/** A try as the gates see it: what is to be sent where, and how it ended. */
export interface AdmittedAttempt {
  readonly deployment: Deployment;
  /** That of the deployment. */
  readonly provider: AIProviderConfig;
  /** The model that is asked. */
  readonly call: { readonly model: string };
  /** Tokens that the try reserves of its provider's rate limit. */
  readonly tokensToReserve: number;
  /** Tokens that the vendor has read where it has begun to work, roughly. */
  readonly promptTokens: number;
  /** Milliseconds since the call went out. */
  readonly elapsed: number;
  /** Milliseconds from the call to the first content of a stream. */
  readonly timeToFirstToken: number | null;
  /**
   * Resolves once the shared state has the end of the try and this replica has read what follows from it; never rejects.
   * Undefined: there is nothing to wait for.
   */
  replicasInformed: Promise<void> | undefined;
  /** Calls `listener` once, when the try is over. */
  onSettled(listener: (ending: AttemptEnding) => void): void;
}

/**
 * A step that every try passes before it is sent: a breaker, a limit, a slot. It learns how the try ended through
 * `scope.onSettled`, also when a later gate refused and nothing was sent.
 */
export interface AttemptGate {
  /** What it would say now, without taking anything. */
  peek(provider: AIProviderConfig): Refusal | null;
  enter(scope: AdmittedAttempt): Refusal | null;
}

/**
 * A gate that all replicas share, so that its decision takes a journey. As an `AttemptGate` it says what it is known to
 * say without being asked: what it refused is refused here too until then.
 */
export interface SharedGate extends AttemptGate {
  /** Asks for a try that every other gate has let through; null where there is no shared store to ask. It never rejects. */
  admit(scope: AdmittedAttempt): Promise<Refusal | null> | null;
  /** Learns what it would say of these now. It never rejects. */
  refresh(providers: readonly AIProviderConfig[]): Promise<void>;
}

/** One request's place among those in flight. */
export interface InFlightEntry {
  /** The caller's signal, and aborted too when the service cannot wait any longer. */
  readonly signal: CancelSignal;
  leave(): void;
}

/** Counts the requests being answered. */
export interface InFlight {
  /** @throws AIError `SHUTTING_DOWN` where no more are taken. */
  enter(caller: CancelSignal | undefined): InFlightEntry;
}

/** Where requests wait whose candidates are all at their limit; a request is served by what its `need` takes for it. */
export interface RequestWaitQueue<Attempt extends AdmittedAttempt = AdmittedAttempt> {
  readonly size: number;
  /** @throws QueueRefusedError, or the signal's reason. */
  wait(request: WaitRequest<() => TakeResult<Attempt | null>>): Promise<Attempt | null>;
  /** Something has been given back. */
  notify(): void;
}
