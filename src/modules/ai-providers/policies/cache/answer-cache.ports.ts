import type { StoredAnswer } from '../../interfaces/completion.interface.js';
import type { Clock } from '../../interfaces/clock.interface.js';
import type { ProviderLookup } from '../../interfaces/provider-lookup.interface.js';
import type { AnswerFlights } from './answer-flights.js';

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

/** What looking for an answer needs. */
export interface AnswerCacheDependencies {
  clock: Clock;
  directory: ProviderLookup;
  /** Null: every request is asked. */
  cache: AnswerCache | null;
}
