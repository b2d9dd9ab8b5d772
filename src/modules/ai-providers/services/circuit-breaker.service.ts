import { Injectable } from '@nestjs/common';
import * as z from 'zod/mini';
import { integer, milliseconds } from '../../../infra/config/value.schemas.js';
import { variable } from '../../../infra/config/variable.js';
import type { CircuitState } from '../interfaces/ai-provider.interface.js';
import type { BreakerSettings } from '../resilience/circuit-breaker.machine.js';
import { MemoryProviderStateStore } from '../resilience/state/provider-state.memory.store.js';
import { SharedStateGate } from '../admission/shared-state.gate.js';

/** The circuit breaker section of the specification: what holds where neither environment nor `forRoot` says otherwise. */
export const CIRCUIT_BREAKER_DEFAULTS: Readonly<BreakerSettings> = {
  failureThreshold: 5, // Failures before opening circuit
  successThreshold: 2, // Successes in half-open to close
  timeoutMs: 60_000, // Time before retry
  monitoringPeriodMs: 120_000, // Time window for failures
};

/** When a provider's circuit opens and closes. */
export const breakerConfig = z.strictObject({
  failureThreshold: variable(
    'AI_BREAKER_FAILURE_THRESHOLD',
    integer(1, 10_000),
    CIRCUIT_BREAKER_DEFAULTS.failureThreshold,
    'Failed tries within the monitoring period that open the circuit.',
  ),
  successThreshold: variable(
    'AI_BREAKER_SUCCESS_THRESHOLD',
    integer(1, 10_000),
    CIRCUIT_BREAKER_DEFAULTS.successThreshold,
    'Successes in a row that close a half-open circuit.',
  ),
  timeoutMs: variable(
    'AI_BREAKER_TIMEOUT_MS',
    milliseconds(),
    CIRCUIT_BREAKER_DEFAULTS.timeoutMs,
    'How long an open circuit stays open before a trial.',
  ),
  monitoringPeriodMs: variable(
    'AI_BREAKER_MONITORING_PERIOD_MS',
    milliseconds(),
    CIRCUIT_BREAKER_DEFAULTS.monitoringPeriodMs,
    'Window in which failed tries are counted.',
  ),
});

/**
 * The circuit breaker of every provider: so many failed tries inside the monitoring period open it; after a while one
 * trial at a time is let through; a few successes in a row close it and 1 failure opens it again.
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
