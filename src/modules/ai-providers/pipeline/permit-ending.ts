import { faultPolicy } from '../resilience/fault-policy.js';
import type { PermitEnding } from '../resilience/provider-state.interface.js';
import type { AttemptEnding } from './attempt-scope.js';

/** What the end of a try means for its provider's bounds. */
export function permitEnding(ending: AttemptEnding): PermitEnding {
  if (ending.outcome === 'not_sent') return { sent: false };
  const { totalTokens, promptTokens } = ending.usage;
  if (ending.outcome === 'success') return { sent: true, tokens: totalTokens, verdict: 'success' };
  // A try that gave no answer is not known to have cost any.
  const tokens = totalTokens ?? promptTokens ?? 0;
  const { fault, retryAfterMs } = ending.error;
  const verdict = faultPolicy(fault).countsForBreaker ? 'failure' : 'neutral';
  const rests = fault === 'rate_limited' && retryAfterMs !== undefined;
  return { sent: true, tokens, verdict, ...(rests && { restMs: retryAfterMs }) };
}

/** Gives a permit back by `settle`, which learns what the end of its try means; where that cannot be told, that nothing was sent. */
export function settlePermit<T>(ending: AttemptEnding, settle: (told: PermitEnding) => T): T {
  let told: PermitEnding;
  try {
    told = permitEnding(ending);
  } catch (error) {
    settle({ sent: false });
    throw error;
  }
  return settle(told);
}
