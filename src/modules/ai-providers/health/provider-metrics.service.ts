import { Inject, Injectable } from '@nestjs/common';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { ProviderMetrics } from '../interfaces/monitoring/provider-metrics.interface.js';
import type { StatisticsCell } from '../statistics/statistics-cell.interface.js';
import { CircuitOutageRepository } from './circuit-outage.repository.js';
import { MemoryProviderStateStore } from '../resilience/state/provider-state.memory.store.js';
import { CircuitOutageRecorder } from './circuit-outage.recorder.js';
import { ProbeCounters } from './probe-counters.js';
import { metricsOf } from './provider-metrics.js';
import { CLOCK_SKEW_MS } from '../statistics/time/statistics-range.js';
import { StatisticsReader } from '../statistics/statistics.reader.js';
import { ProviderDirectory } from '../registry/provider-directory.js';

/** What every provider has done since it was registered. */
@Injectable()
export class ProviderMetricsService {
  constructor(
    private readonly reader: StatisticsReader,
    private readonly directory: ProviderDirectory,
    private readonly state: MemoryProviderStateStore,
    private readonly probes: ProbeCounters,
    private readonly outages: CircuitOutageRepository,
    private readonly recorder: CircuitOutageRecorder,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Of all providers, inactive ones included, in the order of the registry.
   * @throws AIError `DATABASE_UNAVAILABLE`
   */
  async all(): Promise<ProviderMetrics[]> {
    const [cells, openMs] = await this.read();
    return this.directory.all().map((provider) => this.of(provider, cells, openMs));
  }

  /** @throws AIError `PROVIDER_NOT_FOUND`, `DATABASE_UNAVAILABLE` */
  async one(id: string): Promise<ProviderMetrics> {
    const provider = this.directory.get(id);
    return this.of(provider, ...(await this.read(id)));
  }

  private of(
    provider: AIProviderConfig,
    cells: readonly StatisticsCell[],
    openMs: ReadonlyMap<string, number>,
  ): ProviderMetrics {
    return metricsOf({
      provider,
      cells: cells.filter(({ providerId }) => providerId === provider.id),
      circuitState: this.state.circuit(provider.id).state,
      probes: this.probes.of(provider.id),
      circuitOpenMs: openMs.get(provider.id) ?? 0,
      now: this.clock.wallTime(),
    });
  }

  private async read(providerId?: string): Promise<[StatisticsCell[], ReadonlyMap<string, number>]> {
    const now = this.clock.wallTime();
    await this.recorder.flush();
    return Promise.all([
      this.reader.read({
        from: new Date(0),
        to: new Date(now + CLOCK_SKEW_MS),
        step: 'total',
        timezone: 'UTC',
        ...(providerId !== undefined && { providerId }),
      }),
      this.outages.openMs(new Date(now)),
    ]);
  }
}
