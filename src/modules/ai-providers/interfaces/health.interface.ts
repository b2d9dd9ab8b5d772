import type { AIProviderType, CircuitState } from './ai-provider.interface.js';

/** How one provider answered its last probe, and when probes or this replica's traffic last saw it serve and fail. */
export interface ProviderHealth {
  providerId: string;
  providerName: string;
  type: AIProviderType;
  healthy: boolean;
  circuitState: CircuitState;
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

/** `healthy` with no active provider at all; `unhealthy` when there are some and none serves. */
export interface HealthReport {
  status: 'healthy' | 'degraded' | 'unhealthy';
  checkedAt: string;
  providers: ProviderHealth[];
}
