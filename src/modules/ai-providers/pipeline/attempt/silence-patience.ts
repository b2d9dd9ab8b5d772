import type { AIProviderConfig } from '../../interfaces/ai-provider.interface.js';
import type { Clock } from '../../interfaces/clock.interface.js';
import type { AttemptScope } from './attempt-scope.js';
import type { RequestDeadline } from '../../resilience/request-deadline.js';

/**
 * How long the tries of one request may take. The first on a provider has that provider's `timeout`. Once it has been
 * silent, all further tries on it share what the request's own timeout leaves, or one more `timeout` where the request
 * names none: three tries on a dead vendor never take three times as long.
 */
export class SilencePatience {
  /** Providers that were silent, each with the moment at which its further tries have to be over. */
  private readonly silent: { id: string; endsAt: number }[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly deadline: RequestDeadline,
  ) {}

  /** The provider has been silent for as long as it was allowed to. */
  wasSilent({ id, timeout }: AIProviderConfig): void {
    if (this.silent.some((one) => one.id === id)) return;
    const { endsAt } = this.deadline;
    this.silent.push({ id, endsAt: endsAt < Infinity ? endsAt : this.clock.monotonic() + timeout });
  }

  /** Milliseconds that are left for further tries on the provider. */
  leftFor(providerId: string): number {
    const endsAt = this.silent.find(({ id }) => id === providerId)?.endsAt ?? this.deadline.endsAt;
    return endsAt - this.clock.monotonic();
  }

  /** Milliseconds that this try may take. */
  limitOf({ provider, tryNumber }: Pick<AttemptScope, 'provider' | 'tryNumber'>): number {
    const { id, timeout, retryAttempts } = provider;
    if (!this.silent.some((one) => one.id === id)) return timeout;
    const triesLeft = Math.max(1, retryAttempts - tryNumber + 1);
    return Math.min(timeout, Math.max(1, Math.floor(this.leftFor(id) / triesLeft)));
  }
}
