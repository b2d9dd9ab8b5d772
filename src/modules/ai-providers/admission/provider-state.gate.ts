import { Injectable } from '@nestjs/common';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { Refusal } from '../interfaces/attempt.interface.js';
import type { AdmittedAttempt } from './admission.ports.js';
import { settlePermit } from './permit-ending.js';
import type { AttemptGate } from './admission.ports.js';
import { MemoryProviderStateStore } from '../resilience/state/provider-state.memory.store.js';

/**
 * Keeps each provider's bounds within this replica: `maxConcurrency`, the rest that its vendor asked for by
 * `Retry-After` (RFC 9110 §10.2.3), `rateLimit` and the circuit. What a try may need is reserved before it is sent, and
 * settled by what it used.
 */
@Injectable()
export class ProviderStateGate implements AttemptGate {
  constructor(private readonly state: MemoryProviderStateStore) {}

  peek(provider: AIProviderConfig): Refusal | null {
    return this.state.refusal(provider, 1);
  }

  enter(scope: AdmittedAttempt): Refusal | null {
    const { permit, refusal } = this.state.admit(scope.provider, scope.tokensToReserve);
    if (permit) {
      scope.onSettled((ending) => {
        settlePermit(scope, ending, (permitEnding) => this.state.settle(permit, permitEnding));
      });
    }
    return refusal;
  }
}
