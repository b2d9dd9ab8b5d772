import type { CircuitState } from '../ai-provider.interface.js';

/** Latencies in milliseconds below which that share of the requests stayed; null where there was none. */
export interface LatencyPercentiles {
  p50: number | null;
  p95: number | null;
  p99: number | null;
}

/** What one provider has done since it was registered, over all replicas. */
export interface ProviderMetrics {
  providerId: string;
  providerName: string;
  /** Requests that reached this provider: `successfulRequests + failedRequests`. */
  totalRequests: number;
  successfulRequests: number;
  failedRequests: number;
  /** Of the successful ones, those that the cache answered in this provider's place. */
  cachedRequests: number;
  /** Milliseconds, as of all latencies those of the vendor: what the cache answered has none. 0 where there was no request. */
  averageLatency: number;
  latency: LatencyPercentiles;
  /** Of streams: milliseconds to the first content on average; null where there was none. */
  timeToFirstToken: number | null;
  totalTokensUsed: number;
  /** In `currency`; null where requests were made and no price was known. */
  totalCost: number | null;
  /** That of the last priced request, else of the provider's prices; null where neither is there. */
  currency: string | null;
  /** Failed requests, 0–100. */
  errorRate: number;
  /**
   * 0–100: of the requests and probes, those that the provider could be reached for, in the time in which its circuit let
   * requests through; the time in which it was open counts as down. Not reached is a refused or reset connection, silence,
   * an error of the server, an unreadable or a cut answer; a bad key or a limit is not. Probes are those that the answering
   * replica knows of. 100 where there was nothing.
   */
  uptime: number;
  /** Milliseconds since it was registered in which its circuit was open. */
  circuitOpenMs: number;
  circuitState: CircuitState;
  /** ISO 8601. */
  lastUsedAt: string | null;
}
