import { Inject, Injectable } from '@nestjs/common';
import { REDIS } from '../../../infra/foundation.module.js';
import type { RedisLink } from '../../../infra/redis/redis-link.js';
import type { Alert, AlertStatus } from '../interfaces/alert.interface.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { HealthReport, ProviderHealth } from '../interfaces/health.interface.js';
import type { ProbeResult } from '../interfaces/provider-probe.interface.js';
import type { ProviderMetrics } from '../interfaces/provider-metrics.interface.js';
import type {
  CostReport,
  PerformanceReport,
  RequestReport,
  StatisticsRequest,
  UsageReport,
} from '../interfaces/statistics-report.interface.js';
import { RedisProbeStore } from '../stores/probe.redis.store.js';
import { AIAdapterPool } from './ai-adapter.pool.js';
import { AIProviderRegistryService } from './ai-provider-registry.service.js';
import { AlertService } from './alert.service.js';
import { CircuitBreakerService } from './circuit-breaker.service.js';
import { latestOutcomes } from './last-outcomes.js';
import { ProbeTally } from './probe-tally.js';
import { ProviderMetricsService } from './provider-metrics.service.js';
import { ProviderProbe } from './provider-probe.js';
import { ProviderTrafficService } from './provider-traffic.service.js';
import { ProviderUptimeReader } from './provider-uptime.reader.js';
import { StatisticsService } from './statistics.service.js';

/**
 * What operators look at: whether the providers serve, and what they have done. Numbers are those of all replicas; where
 * the database does not answer, asking for them throws `AIError` `DATABASE_UNAVAILABLE`.
 */
@Injectable()
export class AIMonitoringService {
  private readonly probe: ProviderProbe;

  constructor(
    private readonly registry: AIProviderRegistryService,
    private readonly breaker: CircuitBreakerService,
    private readonly traffic: ProviderTrafficService,
    private readonly probes: ProbeTally,
    private readonly uptimes: ProviderUptimeReader,
    private readonly providerMetrics: ProviderMetricsService,
    private readonly statistics: StatisticsService,
    private readonly alertRules: AlertService,
    adapters: AIAdapterPool,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(REDIS) redis: RedisLink | null,
  ) {
    this.probe = new ProviderProbe(adapters, clock, redis && new RedisProbeStore(redis));
  }

  /**
   * Health of every active provider. However many ask, a provider is probed at most once in 15 s, by all replicas together
   * where they share a Redis; `refresh` probes now, but never twice at the same time. A probe spends no tokens. Needs no
   * database: without it `uptime` is null. The last success and error are those of probes and of this replica's traffic.
   */
  async checkHealth({ refresh = false }: { refresh?: boolean } = {}): Promise<HealthReport> {
    const active = this.registry.list({ isActive: true });
    const [uptimes, ...results] = await Promise.all([
      this.uptimes.read(refresh),
      ...active.map(async (provider) => {
        const result = await this.probe.result(provider, refresh);
        this.probes.observe(provider.id, result);
        return { provider, result };
      }),
    ]);
    const providers = results.map(({ provider, result }) =>
      this.healthOf(provider, result, uptimes(provider.id)),
    );
    const healthy = providers.filter((provider) => provider.healthy).length;
    const status = healthy === providers.length ? 'healthy' : healthy > 0 ? 'degraded' : 'unhealthy';
    return { status, checkedAt: new Date(this.clock.wallTime()).toISOString(), providers };
  }

  /** What each provider has done since it was registered, in the order of the registry. */
  metrics(): Promise<ProviderMetrics[]> {
    return this.providerMetrics.all();
  }

  /** @throws AIError `PROVIDER_NOT_FOUND` */
  metricsOf(providerId: string): Promise<ProviderMetrics> {
    return this.providerMetrics.one(providerId);
  }

  /**
   * Requests and tokens.
   * @throws AIError `VALIDATION_FAILED`, `PROVIDER_NOT_FOUND`, as the three below do
   */
  usage(request: StatisticsRequest = {}): Promise<UsageReport> {
    return this.statistics.usage(request);
  }

  /** Money, each currency for itself. */
  cost(request: StatisticsRequest = {}): Promise<CostReport> {
    return this.statistics.cost(request);
  }

  /** Latencies, success rate and throughput. */
  performance(request: StatisticsRequest = {}): Promise<PerformanceReport> {
    return this.statistics.performance(request);
  }

  /** What became of requests, and how many there are now. */
  requests(request: StatisticsRequest = {}): Promise<RequestReport> {
    return this.statistics.requests(request);
  }

  /** Alerts, judged anew: active ones gravest first, others newest first. */
  alerts({ status = 'active' }: { status?: AlertStatus | 'all' } = {}): Promise<Alert[]> {
    return this.alertRules.list(status);
  }

  private healthOf(
    { id, name, type }: AIProviderConfig,
    result: ProbeResult,
    uptime: number | null,
  ): ProviderHealth {
    const { successAt, failure } = latestOutcomes(result.last, this.traffic.lastOutcomesOf(id));
    return {
      providerId: id,
      providerName: name,
      type,
      healthy: result.healthy,
      circuitState: this.breaker.stateOf(id),
      latency: result.latency,
      checkedAt: new Date(result.checkedAt).toISOString(),
      lastSuccessAt: successAt === null ? null : new Date(successAt).toISOString(),
      lastError: failure?.message ?? null,
      lastErrorAt: failure && new Date(failure.at).toISOString(),
      uptime,
    };
  }
}
