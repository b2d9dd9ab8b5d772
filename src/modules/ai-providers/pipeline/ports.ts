import type { AIProviderAdapter } from '../interfaces/ai-adapter.interface.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { CancelSignal } from '../interfaces/cancel-signal.interface.js';
import type { StoredAnswer } from '../interfaces/completion.interface.js';
import type { Refusal } from '../interfaces/attempt.interface.js';
import type { RequestEvent } from '../interfaces/request-event.interface.js';
import type { TakeResult, WaitRequest } from '../resilience/queue/wait-queue.interface.js';
import type { AnswerFlights } from '../policies/cache/answer-flights.js';
import type { AttemptScope } from './attempt/attempt-scope.js';

/** The providers as they are now, in memory. */
export interface ProviderDirectory {
  /** All of them, inactive ones included, highest priority first. */
  all(): readonly AIProviderConfig[];
  byId(id: string): AIProviderConfig | undefined;
}

/** Gives the adapter of a provider; one adapter lives as long as the configuration it was made for. */
export interface AdapterSource {
  adapterFor(provider: AIProviderConfig): AIProviderAdapter;
}

/**
 * A step that every try passes before it is sent: a breaker, a limit, a slot. It learns how the try ended through
 * `scope.onSettled`, also when a later gate refused and nothing was sent.
 */
export interface AttemptGate {
  /** What it would say now, without taking anything. */
  peek(provider: AIProviderConfig): Refusal | null;
  enter(scope: AttemptScope): Refusal | null;
}

/**
 * A gate that all replicas share, so that its decision takes a journey. As an `AttemptGate` it says what it is known to
 * say without being asked: what it refused is refused here too until then.
 */
export interface SharedGate extends AttemptGate {
  /** Asks for a try that every other gate has let through; null where there is nobody to ask. It never rejects. */
  admit(scope: AttemptScope): Promise<Refusal | null> | null;
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
export interface WaitingRoom {
  readonly size: number;
  /** @throws QueueRefusedError, or the signal's reason. */
  wait(request: WaitRequest<() => TakeResult<AttemptScope | null>>): Promise<AttemptScope | null>;
  /** Something has been given back. */
  notify(): void;
}

/** Where answers are kept for a while. It is bounded in time and room, and being without it costs only the repetition. */
export interface AnswerStore {
  /** Never rejects, and answers soon: what cannot be read is not there. */
  read(key: string): Promise<StoredAnswer | undefined>;
  /** Resolves when it is kept, or cannot be. Never rejects. */
  write(key: string, answer: StoredAnswer, ttlMs: number): Promise<void>;
}

/** Says among replicas who asks for an answer. */
export interface AnswerClaimant {
  /** False: there is nobody else, and no need to claim. */
  readonly isShared: boolean;
  /**
   * What takes the claim back, or null while another replica has it. Never rejects.
   * @param isStalled whether this one, too, does not get on and keeps the others waiting for nothing
   */
  claim(key: string, isStalled: () => boolean): Promise<(() => void) | null>;
}

/** How answers are had without asking again. */
export interface AnswerCache {
  store: AnswerStore;
  flights: AnswerFlights;
  claims: AnswerClaimant;
  /** Of a request that names no time of its own. */
  ttlMs: number;
  /** Longest time that a request may name. */
  maxTtlMs: number;
  /** A short text that no two texts share. */
  digest(text: string): string;
}

/** Hears of every request as it ends. */
export interface PipelineObserver {
  /** Resolves once the request is kept, which its answer waits for. Never rejects. */
  requestEnded(event: RequestEvent): Promise<void>;
}
