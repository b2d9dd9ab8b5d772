import type { AIProviderType, CircuitState } from '../ai-provider.interface.js';

/** How one provider answered its last probe, and when probes or this replica's traffic last saw it serve and fail. */
export interface ProviderHealth {
  providerId: string;
  providerName: string;
  type: AIProviderType;
  /** Whether its last probe succeeded, its circuit is not open and no cooldown keeps requests from it. */
  healthy: boolean;
  circuitState: CircuitState;
  /** ISO 8601; until when its vendor asked to be left alone, null where it did not. */
  cooldownUntil: string | null;
  /** Milliseconds the probe took. */
  latency: number;
  /** ISO 8601. */
  checkedAt: string;
  lastSuccessAt: string | null;
  /** Why the last failed probe or try failed, whatever succeeded since; free of secrets. */
  lastError: string | null;
  lastErrorAt: string | null;
  /** 0–100, of traffic and probes, as in the provider's metrics; null while the database does not answer. */
  uptime: number | null;
}

/**
 * `healthy`: every active provider can be asked, or there is none. `degraded`: some can, or a circuit is on trial.
 * `unhealthy`: there are some and none can be asked now.
 */
export type HealthStatus = 'healthy' | 'degraded' | 'unhealthy';

/** Health of all active providers. */
export interface HealthReport {
  status: HealthStatus;
  checkedAt: string;
  providers: ProviderHealth[];
}
