import { Injectable } from '@nestjs/common';
import type { CircuitState } from '../interfaces/ai-provider.interface.js';
import { MemoryProviderStateStore } from '../resilience/state/provider-state.memory.store.js';
import { SharedStateGate } from '../admission/shared-state.gate.js';

/**
 * The circuit breaker of every provider: 5 failed tries inside 120 s open it, after 60 s one trial at a time is let
 * through, 2 successes in a row close it and 1 failure opens it again. The numbers are the specification's; the
 * environment and `forRoot` may change them.
 */
@Injectable()
export class CircuitBreakerService {
  constructor(
    private readonly local: MemoryProviderStateStore,
    private readonly shared: SharedStateGate,
  ) {}

  /** The state a dashboard shows; an open circuit whose time is over reads `HALF_OPEN`. */
  stateOf(providerId: string): CircuitState {
    return this.local.circuit(providerId).state;
  }

  /** How a provider stands with its vendor and with us, as answers show it. */
  standingOf(providerId: string): { circuitState: CircuitState; cooldownUntil: string | null } {
    return this.local.standingOf(providerId);
  }

  /** Closes a provider's circuit by hand, forgets its failures and ends its cooldown, on all replicas that share a Redis. */
  reset(providerId: string): Promise<void> {
    return this.shared.reset(providerId);
  }
}
