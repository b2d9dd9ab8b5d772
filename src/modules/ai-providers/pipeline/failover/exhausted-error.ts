import { AIError, OWN_FAILURE } from '../../errors/ai.error.js';
import type { ProviderError } from '../../errors/provider.error.js';
import type { Attempt, Fault, Refusal } from '../../interfaces/attempt.interface.js';

/** What is known of a request once no candidate is left. */
export interface ExhaustedRequest {
  /** How the tries failed, in order. */
  failures: readonly ProviderError[];
  /** Why providers were not asked. */
  refusals: readonly Refusal[];
  /** Why providers could not have served the request, whenever they were asked. */
  unfit: readonly Refusal[];
  attempts: Attempt[];
  /** What the request asked for that narrows the choice, for the message. */
  wanted: string;
  /** Whether the answer had begun and so cannot go on at another provider, even if candidates remain. */
  wasCut: boolean;
}

/** The `Retry-After` where the wait is unknown: a 429 always says when to come again. */
const UNKNOWN_WAIT_MS = 1_000;

/** The error a caller sees when every candidate has been tried or skipped. */
export function exhaustedError(request: ExhaustedRequest): AIError {
  const { failures, refusals, unfit, attempts, wanted } = request;
  const last = failures.at(-1);
  if (last === undefined)
    return unsupported(refusals, unfit, attempts) ?? noneTried(refusals, attempts, wanted);
  const areAll = (...faults: Fault[]): boolean => failures.every(({ fault }) => faults.includes(fault));
  const tooLong = failures.find(({ fault }) => fault === 'context_length');
  if (tooLong && areAll('context_length', 'account_limit')) {
    return new AIError('UPSTREAM_REJECTED_REQUEST', tooLong.message, { attempts, cause: tooLong });
  }
  if (areAll('rate_limited', 'account_limit')) return atLimit([...failures, ...refusals], attempts, last);
  if (areAll('internal')) return new AIError('INTERNAL', OWN_FAILURE, { attempts, cause: last });
  return new AIError('ALL_PROVIDERS_FAILED', `${summaryOf(request)}: ${last.message}`, {
    attempts,
    cause: last,
  });
}

/** Why there is no answer. */
function summaryOf({ wasCut }: ExhaustedRequest): string {
  if (wasCut) return 'The answer was cut and could not be recovered; the provider said';
  return 'Every candidate was tried and failed; the last said';
}

/** The request's own error: every provider lacks something that it asks for. The first one's reason is given. */
function unsupported(
  refusals: readonly Refusal[],
  unfit: readonly Refusal[],
  attempts: Attempt[],
): AIError | undefined {
  const lack = unfit.find((refusal) => refusal.lack !== undefined)?.lack;
  const couldServe = refusals.length > 0 || unfit.some(({ reason }) => reason === 'key_unreadable');
  if (lack === undefined || couldServe) return undefined;
  const { field, reason } = lack;
  return new AIError('UNSUPPORTED_REQUEST', `No provider can serve ${field}: ${reason}`, { field, attempts });
}

function noneTried(refusals: readonly Refusal[], attempts: Attempt[], wanted: string): AIError {
  const busy = refusals.filter(
    ({ reason }) => reason === 'rate_limited' || reason === 'cooldown' || reason === 'at_capacity',
  );
  if (busy.length > 0) return atLimit(busy, attempts);
  const broken = refusals.filter(({ reason }) => reason === 'circuit_open');
  if (broken.length > 0) {
    return new AIError(
      'NO_PROVIDER_AVAILABLE',
      'The circuit of every provider that can serve this request is open',
      {
        attempts,
        retryAfterMs: soonest(broken),
      },
    );
  }
  return new AIError(
    'NO_PROVIDER_AVAILABLE',
    `No registered and active provider can serve this request${wanted}`,
    {
      attempts,
    },
  );
}

function atLimit(
  waits: readonly { retryAfterMs?: number }[],
  attempts: Attempt[],
  cause?: ProviderError,
): AIError {
  const reason = cause ? `; the last said: ${cause.message}` : '';
  return new AIError('RATE_LIMITED', `Every provider that can serve this request is at its limit${reason}`, {
    attempts,
    retryAfterMs: soonest(waits) ?? UNKNOWN_WAIT_MS,
    cause,
  });
}

function soonest(waits: readonly { retryAfterMs?: number }[]): number | undefined {
  const known = waits.flatMap(({ retryAfterMs }) => (retryAfterMs === undefined ? [] : [retryAfterMs]));
  return known.length > 0 ? Math.min(...known) : undefined;
}
