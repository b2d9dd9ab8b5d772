import type { ProviderError } from '../../errors/provider.error.js';
import type { Deployment } from '../../models/deployment.js';
import type { Route } from '../../routing/plan-route.js';
import type { Attempt, Refusal, SkipReason } from '../../interfaces/attempt.interface.js';
import type { TokenUsage } from '../../interfaces/usage.interface.js';
import type { AttemptScope } from '../attempt/attempt-scope.js';

/** What became of a request, an entry each: the tries in order, and the providers that were skipped, with the reason. */
export class AttemptLog {
  private readonly attempts: Attempt[] = [];

  add(attempt: Attempt): void {
    this.attempts.push(attempt);
  }

  /** A provider is skipped: one entry for each provider and reason, however often it is considered. */
  skip(deployment: Deployment, refusal: Refusal): void {
    const isKnown = this.attempts.some(
      ({ providerId, skipped }) => providerId === deployment.provider.id && skipped === refusal.reason,
    );
    if (!isKnown) this.attempts.push(skippedAttempt(deployment, refusal));
  }

  /** The providers that were not asked for this reason. */
  skippedBecause(reason: SkipReason): string[] {
    return this.attempts.filter(({ skipped }) => skipped === reason).map(({ providerId }) => providerId);
  }

  /** All entries, and behind them one for each of `others`, which could not have served the request. */
  entries(others: Route['skipped']): Attempt[] {
    return [
      ...this.attempts,
      ...others.map(({ deployment, refusal }) => skippedAttempt(deployment, refusal)),
    ];
  }
}

/** The entry of a try that gave a whole answer. */
export function succeededAttempt(scope: AttemptScope): Attempt {
  return attemptEntry(scope, 'success');
}

/** The entry of a try that failed; usage is said where there is any. */
export function failedAttempt(scope: AttemptScope, error: ProviderError, usage: TokenUsage): Attempt {
  const attempt = attemptEntry(scope, error.fault);
  attempt.reason = error.message;
  if (error.status !== undefined) attempt.status = error.status;
  if (error.phase !== undefined) attempt.phase = error.phase;
  if (usage.source !== 'unknown') attempt.usage = usage;
  return attempt;
}

function skippedAttempt({ provider, model }: Deployment, refusal: Refusal): Attempt {
  const { id, name } = provider;
  const attempt: Attempt = {
    providerId: id,
    providerName: name,
    model,
    outcome: 'skipped',
    skipped: refusal.reason,
    latency: 0,
  };
  if (refusal.lack !== undefined) {
    attempt.field = refusal.lack.field;
    attempt.reason = refusal.lack.reason;
  }
  return attempt;
}

function attemptEntry({ provider, call, elapsed }: AttemptScope, outcome: Attempt['outcome']): Attempt {
  return {
    providerId: provider.id,
    providerName: provider.name,
    model: call.model,
    outcome,
    latency: elapsed,
  };
}
