import type { AIProviderConfig } from '../../interfaces/ai-provider.interface.js';
import type { Refusal } from '../../interfaces/attempt.interface.js';
import type { BreakerTicket, CircuitView } from '../circuit-breaker.machine.js';
import type { RateReservation } from '../rate-limit.window.js';

/** A provider, as far as its bounds go. */
export type BoundedProvider = Pick<AIProviderConfig, 'id' | 'maxConcurrency' | 'rateLimit' | 'timeout'>;

/** The longest cooldown that a vendor is believed, in milliseconds: 24 h, the contract's. */
export const MAX_COOLDOWN_MS = 86_400_000;

/** How a provider is found. */
export interface ProviderCondition {
  circuit: CircuitView;
  /** For so many milliseconds the vendor has asked to be left alone; 0: it has not. */
  cooldownMs: number;
  /** When it was reset last, by the store's own time; 0 where it never was. Greater after every reset. */
  resetAt: number;
}

/** What a try would meet now. */
export interface ProviderStanding extends ProviderCondition {
  refusal: Refusal | null;
}

/** What an admitted try holds; it is settled once. */
export interface Permit {
  readonly id: string;
  readonly provider: BoundedProvider;
  /** Null where the provider has no rate limit. */
  readonly reservation: RateReservation | null;
  readonly ticket: BreakerTicket;
  /** The provider's `resetAt` when it was given: a cooldown asked for before a reset is over. */
  readonly resetAt: number;
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
      /** Tokens that it really used; null where it is unknown: then what was reserved stands. */
      tokens: number | null;
      /** `neutral` says nothing about the provider's health. */
      outcome: 'success' | 'failure' | 'neutral';
      /** For so many milliseconds the vendor asked to be left alone. */
      cooldownMs?: number;
    };

/** At once from memory, or by a journey. */
export type Awaitable<T> = T | Promise<T>;

/**
 * What is remembered of each provider so that its bounds hold for all who ask: the slots that are taken, its cooldown,
 * what the last minute let through, its circuit. Each call is one step that no other comes between. Undefined:
 * the store did not answer, and nothing is known to be taken.
 */
export interface ProviderStateStore {
  /** Takes what one try needs, or nothing. @param tokens that it may use */
  admit(provider: BoundedProvider, tokens: number): Awaitable<ProviderAdmission | undefined>;
  /** Gives back what was not used and learns from how it went. */
  settle(permit: Permit, ending: PermitEnding): Awaitable<ProviderCondition | undefined>;
  /** What a small try would meet at each of them. Takes nothing. */
  look(providers: readonly BoundedProvider[]): Awaitable<ProviderStanding[] | undefined>;
  /**
   * Closes the circuit, forgets its failures and ends the cooldown.
   * @param generation of the configuration that asks for it: each is followed once, whichever replica asks first; 0 always is
   */
  reset(providerId: string, generation?: number): Awaitable<ProviderCondition | undefined>;
}
