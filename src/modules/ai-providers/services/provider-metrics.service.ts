import { Inject, Injectable } from '@nestjs/common';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { ProviderMetrics } from '../interfaces/provider-metrics.interface.js';
import type { StatisticsCell } from '../interfaces/statistics.interface.js';
import { AIProviderRegistryService } from './ai-provider-registry.service.js';
import { CircuitBreakerService } from './circuit-breaker.service.js';
import { ProbeTally } from './probe-tally.js';
import { metricsOf } from './provider-metrics.js';
import { CLOCK_SKEW_MS } from './statistics-range.js';
import { StatisticsReader } from './statistics.reader.js';

/** What every provider has done since it was registered. */
@Injectable()
export class ProviderMetricsService {
  constructor(
    private readonly reader: StatisticsReader,
    private readonly registry: AIProviderRegistryService,
    private readonly breaker: CircuitBreakerService,
    private readonly probes: ProbeTally,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Of all providers, inactive ones included, in the order of the registry.
   * @throws AIError `DATABASE_UNAVAILABLE`
   */
  async all(): Promise<ProviderMetrics[]> {
    const cells = await this.read();
    return this.registry.all().map((provider) => this.of(provider, cells));
  }

  /** @throws AIError `PROVIDER_NOT_FOUND`, `DATABASE_UNAVAILABLE` */
  async one(id: string): Promise<ProviderMetrics> {
    const provider = this.registry.get(id);
    return this.of(provider, await this.read(id));
  }

  private of(provider: AIProviderConfig, cells: readonly StatisticsCell[]): ProviderMetrics {
    return metricsOf({
      provider,
      cells: cells.filter(({ providerId }) => providerId === provider.id),
      circuitState: this.breaker.stateOf(provider.id),
      probes: this.probes.of(provider.id),
    });
  }

  private read(providerId?: string): Promise<StatisticsCell[]> {
    return this.reader.read({
      from: new Date(0),
      to: new Date(this.clock.wallTime() + CLOCK_SKEW_MS),
      step: 'total',
      timezone: 'UTC',
      ...(providerId !== undefined && { providerId }),
    });
  }
}
