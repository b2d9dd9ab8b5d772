import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import type { RoutingConfig } from './routing.config.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import { isCountedFault } from '../resilience/fault-policy.js';
import type { AdmittedAttempt } from './admission.ports.js';
import type { AttemptEnding } from './admission.ports.js';
import type { AttemptGate } from './admission.ports.js';
import { currentAverage, observe, type DecayedAverage } from '../resilience/decayed-average.js';
import type { Candidate } from '../routing/candidate.interface.js';
import { orderCandidates } from '../routing/order-candidates.js';
import type { Deployment } from '../models/deployment.js';
import { TurnLedger } from '../routing/turn-ledger.js';
import { MemoryProviderStateStore } from '../resilience/state/provider-state.memory.store.js';
import type { LastOutcomes } from '../interfaces/monitoring/provider-probe.interface.js';
import { NO_OUTCOMES } from '../resilience/last-outcomes.js';

interface RoutedCandidate extends Candidate {
  readonly deployment: Deployment;
}

/**
 * What goes to each provider now: whose turn it was, how many requests are in flight, how fast it has been, and how
 * it answered last. Orders equals by it; as a gate it only watches.
 */
@Injectable()
export class ProviderTrafficService implements AttemptGate {
  private readonly turns = new TurnLedger();
  private readonly latencies = new Map<string, DecayedAverage>();
  private readonly outcomes = new Map<string, LastOutcomes>();

  constructor(
    @Inject(APP_CONFIG) private readonly config: RoutingConfig,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly state: MemoryProviderStateStore,
  ) {}

  /** Highest priority first, equals by the configured strategy. */
  order(deployments: readonly Deployment[]): Deployment[] {
    const candidates = deployments.map((deployment) => this.candidate(deployment));
    return orderCandidates(candidates, this.config.routingStrategy, Math.random).map(
      ({ deployment }) => deployment,
    );
  }

  /** How this replica's tries at a provider ended last; what their callers brought about is no outcome of it. */
  lastOutcomesOf(providerId: string): LastOutcomes {
    return this.outcomes.get(providerId) ?? NO_OUTCOMES;
  }

  peek(): null {
    return null;
  }

  enter(scope: AdmittedAttempt): null {
    this.turns.take(scope.provider.id);
    scope.onSettled((ending) => {
      if (ending.outcome === 'success') this.learnLatency(scope);
      this.learnOutcome(scope.provider.id, ending);
    });
    return null;
  }

  /** Of a stream what counts is how fast it began: its length is the answer's, not the provider's. */
  private learnLatency(scope: AdmittedAttempt): void {
    const { id } = scope.provider;
    const sample = scope.timeToFirstToken ?? scope.elapsed;
    this.latencies.set(id, observe(this.latencies.get(id) ?? null, sample, this.clock.monotonic()));
  }

  private learnOutcome(providerId: string, ending: AttemptEnding): void {
    const at = this.clock.wallTime();
    const known = this.lastOutcomesOf(providerId);
    if (ending.outcome === 'success')
      this.outcomes.set(providerId, { successAt: at, failure: known.failure });
    else if (ending.outcome === 'failure' && isCountedFault(ending.error.fault))
      this.outcomes.set(providerId, {
        successAt: known.successAt,
        failure: { at, message: ending.error.message },
      });
  }

  private candidate(deployment: Deployment): RoutedCandidate {
    const { id, priority, weight, maxConcurrency } = deployment.provider;
    const { prices } = deployment.terms;
    return {
      deployment,
      id,
      priority,
      weight,
      inFlight: this.state.inFlight(id),
      capacity: maxConcurrency,
      latencyMs: currentAverage(this.latencies.get(id) ?? null, this.clock.monotonic()),
      price: prices && {
        amount: prices.inputTokenCost + prices.outputTokenCost,
        currency: prices.currency,
      },
      lastTurn: this.turns.lastTurn(id),
    };
  }
}
