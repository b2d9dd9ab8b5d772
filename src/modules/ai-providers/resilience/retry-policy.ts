import type { ProviderError } from '../errors/provider.error.js';
import type { Random } from '../interfaces/clock.interface.js';
import { faultPolicy } from './fault-policy.js';

/** How often and how slowly one provider is tried again. */
export interface RetryPolicy {
  /** Tries on one provider, the first included; below 1 counts as 1. */
  maxAttempts: number;
  /** Upper bound of the first wait. */
  initialDelayMs: number;
  /** Upper bound of every wait, and the longest `Retry-After` that is waited for. */
  maxDelayMs: number;
  /** Growth of the bound from one wait to the next. */
  backoffMultiplier: number;
}

/** What `decideRetry` looks at. */
export interface RetryQuestion {
  error: ProviderError;
  /** Tries made on this provider so far, the failed one included. */
  attempt: number;
  policy: RetryPolicy;
  /** Whether another provider could be asked instead. */
  otherCandidatesLeft: boolean;
  random: Random;
  /** What is left of the request's time in milliseconds; a wait that would outlast it is not begun. */
  remainingMs?: number;
}

/**
 * Whether to try the same provider again. `cooldownMs`: the vendor asks everybody to stay away for that long, so the
 * provider is no candidate for any request until then, whether or not this one waits for it.
 */
export type RetryDecision =
  { retry: true; delayMs: number; cooldownMs?: number } | { retry: false; cooldownMs?: number };

/** A wait of `Retry-After` is lengthened by up to this share, so that requests with the same `Retry-After` do not return together. */
const RETRY_AFTER_JITTER = 0.1;
/** The least range of that lengthening: a tenth of a short wait would spread no requests. */
const RETRY_AFTER_JITTER_MIN_MS = 100;

/**
 * Exponential backoff with full jitter: anything from 0 to the bound, evenly. Source: AWS Architecture Blog,
 * "Exponential Backoff And Jitter" (2015).
 * @param attempt tries made so far, from 1
 * @returns milliseconds, a fraction possible
 */
export function backoffDelay(attempt: number, policy: RetryPolicy, random: Random): number {
  if (policy.initialDelayMs <= 0) return 0;
  const growth = policy.backoffMultiplier ** Math.max(0, attempt - 1);
  return random() * Math.min(policy.maxDelayMs, policy.initialDelayMs * growth);
}

/** Applies the fault table, the rows of 429 included, to one failed try. */
export function decideRetry(question: RetryQuestion): RetryDecision {
  const { error, attempt, policy, otherCandidatesLeft, random, remainingMs = Infinity } = question;
  const retryAfterMs = error.fault === 'rate_limited' ? askedToWait(error) : undefined;
  const cooldown = retryAfterMs === undefined ? {} : { cooldownMs: retryAfterMs };

  const { retrySame } = faultPolicy(error.fault);
  const wanted = retrySame === 'yes' || (retrySame === 'if_last_candidate' && !otherCandidatesLeft);
  if (!wanted || attempt >= policy.maxAttempts) return { retry: false, ...cooldown };

  if (retryAfterMs !== undefined && retryAfterMs > policy.maxDelayMs) return { retry: false, ...cooldown };
  const delayMs =
    retryAfterMs === undefined
      ? backoffDelay(attempt, policy, random)
      : Math.ceil(retryAfterMs + random() * retryAfterJitter(retryAfterMs, policy));
  return delayMs < remainingMs ? { retry: true, delayMs, ...cooldown } : { retry: false, ...cooldown };
}

/** The vendor's wish, where it is a time; one that has passed already is 0. */
function askedToWait(error: ProviderError): number | undefined {
  const ms = error.retryAfterMs;
  return ms === undefined || !Number.isFinite(ms) ? undefined : Math.max(0, ms);
}

function retryAfterJitter(retryAfterMs: number, policy: RetryPolicy): number {
  return Math.max(
    retryAfterMs * RETRY_AFTER_JITTER,
    Math.min(RETRY_AFTER_JITTER_MIN_MS, policy.initialDelayMs),
  );
}
