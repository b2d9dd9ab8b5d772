import type { ProviderError } from '../errors/provider.error.js';
import type { Fault } from '../interfaces/attempt.interface.js';
import { faultPolicy } from '../resilience/fault-policy.js';
import type { PermitEnding } from '../resilience/state/provider-state.interface.js';
import type { AdmittedAttempt } from './admission.ports.js';
import type { AttemptEnding } from './admission.ports.js';

/** Faults of tries on which the vendor may have been at work: it will have read the prompt. The others cost it nothing. */
const WORKED_ON: ReadonlySet<Fault> = new Set(['timeout', 'truncated', 'malformed', 'diverged', 'aborted']);

/** Of a try: its provider, and what was sent. */
type Try = Pick<AdmittedAttempt, 'provider' | 'call' | 'promptTokens'>;

/** What the end of a try means for its provider's bounds. */
export function permitEnding(attempt: Try, ending: AttemptEnding): PermitEnding {
  if (ending.outcome === 'not_sent') return { sent: false };
  const { provider, call } = attempt;
  const { totalTokens, promptTokens } = ending.usage;
  if (ending.outcome === 'success') return { sent: true, tokens: totalTokens, outcome: 'success' };
  const { fault, retryAfterMs } = ending.error;
  const tokens = totalTokens ?? promptTokens ?? (WORKED_ON.has(fault) ? attempt.promptTokens : 0);
  const isCounted =
    faultPolicy(fault).countsForBreaker && !(call.model !== provider.model && isAboutModel(ending.error));
  const outcome = isCounted ? 'failure' : 'neutral';
  const coolsDown = fault === 'rate_limited' && retryAfterMs !== undefined;
  return { sent: true, tokens, outcome, ...(coolsDown && { cooldownMs: retryAfterMs }) };
}

/** Whether the vendor may have refused the model that was named: of the caller's choice, it says nothing about the provider. */
function isAboutModel({ fault, status }: ProviderError): boolean {
  return fault === 'model_not_found' || (fault === 'authentication' && status === 403);
}

/** Gives a permit back by `settle` with what the end of its try means; where finding that out throws, as if nothing was sent. */
export function settlePermit<T>(scope: Try, ending: AttemptEnding, settle: (ending: PermitEnding) => T): T {
  let settled: PermitEnding;
  try {
    settled = permitEnding(scope, ending);
  } catch (error) {
    settle({ sent: false });
    throw error;
  }
  return settle(settled);
}
