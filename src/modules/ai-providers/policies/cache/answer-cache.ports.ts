import type { StoredAnswer } from '../../interfaces/completion.interface.js';
import type { Clock } from '../../interfaces/clock.interface.js';
import type { ProviderLookup } from '../../interfaces/provider-lookup.interface.js';

/** Where answers are kept for a while. It is bounded in time and room, and being without it costs only the repetition. */
export interface AnswerStore {
  /** The answer kept under `key`, undefined where there is none. Never rejects, and answers soon: what cannot be read is not there. */
  read(key: string): Promise<StoredAnswer | undefined>;
  /** Keeps `answer`, which is plain JSON, for `ttlMs` milliseconds. Resolves when it is kept, or cannot be. Never rejects. */
  write(key: string, answer: StoredAnswer, ttlMs: number): Promise<void>;
}

/** Token under which Nest injects the `AnswerStore`. */
export const ANSWER_STORE = Symbol('AnswerStore');

/** Says among replicas which one asks for an answer. */
export interface AnswerClaimant {
  /** False: there are no other replicas, and no need to claim. */
  readonly isShared: boolean;
  /**
   * What takes the claim back, or null while another replica has it. Never rejects.
   * @param isStalled whether this one, too, does not get on and keeps the others waiting for nothing
   */
  claim(key: string, isStalled: () => boolean): Promise<(() => void) | null>;
}

/** What the answer cache is made of. */
export interface AnswerCacheOptions {
  clock: Clock;
  /** Who could be asked, and how they are configured, is part of an answer's key. */
  directory: ProviderLookup;
  store: AnswerStore;
  claims: AnswerClaimant;
  /** For how long an answer is kept whose request names no time of its own. */
  ttlMs: number;
  /** Longest time that a request may name. */
  maxTtlMs: number;
  /** A short text that no two texts share. */
  digest(text: string): string;
}
