import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { Refusal } from '../interfaces/attempt.interface.js';
import type { BreakerTicket, CircuitView } from './circuit-breaker.machine.js';
import type { RateReservation } from './rate-limit.window.js';

/** A provider, as far as its bounds go. */
export type BoundedProvider = Pick<AIProviderConfig, 'id' | 'maxConcurrency' | 'rateLimit' | 'timeout'>;

/** What a try would meet now. */
export interface ProviderStanding {
  refusal: Refusal | null;
  circuit: CircuitView;
}

/** What an admitted try holds; it is settled once. */
export interface Permit {
  readonly id: string;
  readonly provider: BoundedProvider;
  /** Null where the provider has no rate limit. */
  readonly reservation: RateReservation | null;
  readonly ticket: BreakerTicket;
}

/** What an admission found, and the permit where it was granted. */
export interface ProviderAdmission extends ProviderStanding {
  permit: Permit | null;
}

/** How an admitted try ended. */
export type PermitEnding =
  | { sent: false }
  | {
      sent: true;
      /** Tokens that it really used; null where nobody can say: then what was reserved stands. */
      tokens: number | null;
      /** `neutral` says nothing about the provider's health. */
      verdict: 'success' | 'failure' | 'neutral';
      /** For so many milliseconds the vendor asked to be left alone. */
      restMs?: number;
    };

/** At once from memory, or by a journey. */
export type Awaitable<T> = T | Promise<T>;

/**
 * What is remembered of each provider so that its bounds hold for all who ask: the slots that are taken, how long it
 * rests, what the last minute let through, its circuit. Each call is one step that no other comes between. Undefined:
 * the store did not answer, and nothing is known to be taken.
 */
export interface ProviderStateStore {
  /** Takes what one try needs, or nothing. @param tokens that it may use */
  admit(provider: BoundedProvider, tokens: number): Awaitable<ProviderAdmission | undefined>;
  /** Gives back what was not used and learns from how it went. */
  settle(permit: Permit, ending: PermitEnding): Awaitable<CircuitView | undefined>;
  /** What a small try would meet at each of them. Takes nothing. */
  look(providers: readonly BoundedProvider[]): Awaitable<ProviderStanding[] | undefined>;
  /** Closes the circuit and forgets its failures. */
  reset(providerId: string): Awaitable<CircuitView | undefined>;
}
