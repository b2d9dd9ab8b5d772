import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ProviderError } from '../errors/provider.error.js';
import type { Fault } from '../interfaces/attempt.interface.js';
import type { RetryDecision, RetryPolicy, RetryQuestion } from './retry-policy.js';
import { RETRY_DEFAULTS } from '../services/ai-request-manager.service.js';
import { backoffDelay, decideRetry } from './retry-policy.js';

const POLICY: RetryPolicy = RETRY_DEFAULTS;
const half = () => 0.5;
const unit = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

function decide(fault: Fault, retryAfterMs?: number, more: Partial<RetryQuestion> = {}): RetryDecision {
  return decideRetry({
    error: new ProviderError(fault, 'failed', { retryAfterMs }),
    attempt: 1,
    policy: POLICY,
    otherCandidatesLeft: true,
    random: half,
    ...more,
  });
}

describe('backoffDelay', () => {
  it('draws from a bound that starts at the initial delay, grows by the multiplier and stops at the maximum', () => {
    const bounds = [1, 2, 3, 4, 5, 2_000].map((attempt) => backoffDelay(attempt, POLICY, half) * 2);
    expect(bounds).toEqual([1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  it('is full jitter: a draw of 0 waits not at all, and the draw scales the whole bound', () => {
    expect(backoffDelay(3, POLICY, () => 0)).toBe(0);
    expect(backoffDelay(3, POLICY, () => 0.25)).toBe(1_000);
  });

  it('is a finite number between 0 and the maximum for every policy and attempt', () => {
    const policy = fc.record({
      maxAttempts: fc.nat(10),
      initialDelayMs: fc.nat(60_000),
      maxDelayMs: fc.nat(60_000),
      backoffMultiplier: fc.double({ min: 1, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), policy, unit, (attempt, given, draw) => {
        const delay = backoffDelay(attempt, given, () => draw);
        expect(delay).toBeGreaterThanOrEqual(0);
        expect(delay).toBeLessThanOrEqual(given.maxDelayMs);
      }),
    );
  });
});

describe('decideRetry', () => {
  it.each(['connection', 'server_error', 'malformed', 'truncated'] as const)(
    '%s: retries with backoff',
    (fault) => {
      expect(decide(fault)).toEqual({ retry: true, delayMs: 500 });
    },
  );

  it('silence: retries only where nobody else is left', () => {
    expect(decide('timeout', undefined, { otherCandidatesLeft: true })).toEqual({ retry: false });
    expect(decide('timeout', undefined, { otherCandidatesLeft: false })).toEqual({
      retry: true,
      delayMs: 500,
    });
  });

  it.each([
    'authentication',
    'model_not_found',
    'quota_exhausted',
    'context_length',
    'content_filter',
    'invalid_request',
    'egress_refused',
    'aborted',
  ] as const)('%s: never retries, even as the last candidate', (fault) => {
    expect(decide(fault, 5, { otherCandidatesLeft: false })).toEqual({ retry: false });
  });

  it('makes no more tries than the policy says, the first included; 0 counts as 1', () => {
    const retries = (maxAttempts: number, attempt: number): boolean =>
      decide('connection', undefined, { attempt, policy: { ...POLICY, maxAttempts } }).retry;
    expect([1, 2, 3].map((attempt) => retries(3, attempt))).toEqual([true, true, false]);
    expect([0, 1].map((maxAttempts) => retries(maxAttempts, 1))).toEqual([false, false]);
  });

  it('429 without Retry-After: backoff, and no rest', () => {
    expect(decide('rate_limited')).toEqual({ retry: true, delayMs: 500 });
    expect(decide('rate_limited', Number.NaN)).toEqual({ retry: true, delayMs: 500 });
  });

  it('429 with a Retry-After up to the maximum: waits it out and rests until then', () => {
    expect(decide('rate_limited', 10_000)).toEqual({ retry: true, delayMs: 10_500, cooldownMs: 10_000 });
  });

  it('429 with a longer Retry-After: no retry, even as the last candidate, and rests until then', () => {
    expect(decide('rate_limited', 10_001, { otherCandidatesLeft: false })).toEqual({
      retry: false,
      cooldownMs: 10_001,
    });
  });

  it('429 on the last try: rests until the Retry-After all the same', () => {
    expect(decide('rate_limited', 2_000, { attempt: 3 })).toEqual({ retry: false, cooldownMs: 2_000 });
  });

  it('429 with a Retry-After in the past counts as now', () => {
    expect(decide('rate_limited', -5_000, { random: () => 0 })).toEqual({
      retry: true,
      delayMs: 0,
      cooldownMs: 0,
    });
  });

  it('429: never returns before the Retry-After, and at most a tenth or 100 ms after it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 10_000, noNaN: true }), unit, (retryAfterMs, draw) => {
        const decision = decide('rate_limited', retryAfterMs, { random: () => draw });
        if (!decision.retry) throw new Error('expected a retry');
        expect(decision.delayMs).toBeGreaterThanOrEqual(retryAfterMs);
        expect(Number.isInteger(decision.delayMs)).toBe(true);
        expect(decision.delayMs - retryAfterMs).toBeLessThanOrEqual(Math.max(100, retryAfterMs / 10) + 1);
      }),
    );
  });

  it('does not begin a wait that the rest of the request would not outlast', () => {
    expect(decide('rate_limited', 4_000, { remainingMs: 3_000 })).toEqual({
      retry: false,
      cooldownMs: 4_000,
    });
    expect(decide('connection', undefined, { remainingMs: 501 }).retry).toBe(true);
    expect(decide('connection', undefined, { remainingMs: 500 }).retry).toBe(false);
  });
});
