import { Injectable } from '@nestjs/common';
import type { Alert, AlertStatus } from '../interfaces/monitoring/alert.interface.js';
import type { HealthReport } from '../interfaces/monitoring/health.interface.js';
import type { ProviderMetrics } from '../interfaces/monitoring/provider-metrics.interface.js';
import type {
  CostReport,
  PerformanceReport,
  RequestReport,
  StatisticsRequest,
  UsageReport,
} from '../interfaces/monitoring/statistics-report.interface.js';
import { AlertService } from '../alerts/alert.service.js';
import { ProviderHealthService } from '../health/provider-health.service.js';
import { ProviderMetricsService } from '../health/provider-metrics.service.js';
import { StatisticsService } from '../statistics/statistics.service.js';

/**
 * What operators look at: whether the providers serve, and what they have done. Numbers are those of all replicas; where
 * the database does not answer, asking for them throws `AIError` `DATABASE_UNAVAILABLE`.
 */
@Injectable()
export class AIMonitoringService {
  constructor(
    private readonly health: ProviderHealthService,
    private readonly providerMetrics: ProviderMetricsService,
    private readonly statistics: StatisticsService,
    private readonly alertRules: AlertService,
  ) {}

  /**
   * Health of every active provider: it serves if its last probe did and neither its circuit nor a cooldown keeps requests
   * from it. However many ask, a provider is probed at most once in 15 s, by all replicas together where they share a Redis,
   * and a few providers at a time; `refresh` probes now, but never twice at the same time. A probe spends no tokens. Needs no
   * database: without it `uptime` is null. The last success and error are those of probes and of this replica's traffic.
   */
  checkHealth({ refresh = false }: { refresh?: boolean } = {}): Promise<HealthReport> {
    return this.health.check(refresh);
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
}
