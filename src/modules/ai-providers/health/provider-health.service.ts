import { Inject, Injectable } from '@nestjs/common';
import pLimit from 'p-limit';
import { REDIS } from '../../../infra/redis/redis.token.js';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import type { RedisLink } from '../../../infra/redis/redis-link.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type {
  HealthReport,
  HealthStatus,
  ProviderHealth,
} from '../interfaces/monitoring/health.interface.js';
import type { ProbeResult } from '../interfaces/monitoring/provider-probe.interface.js';
import { RedisProbeStore } from './probe.redis.store.js';
import { AIAdapterPool } from '../registry/adapters/ai-adapter.pool.js';
import { MemoryProviderStateStore } from '../resilience/state/provider-state.memory.store.js';
import { latestOutcomes } from '../resilience/last-outcomes.js';
import { ProbeCounters } from './probe-counters.js';
import { ProviderProbe } from './provider-probe.js';
import { ProviderTrafficService } from '../admission/provider-traffic.service.js';
import { ProviderUptimeReader } from './provider-uptime.reader.js';
import { ProviderDirectory } from '../registry/provider-directory.js';

/** Probes under way at once. Our number: each takes a connection, and a service may have hundreds of providers. */
const PROBES_AT_ONCE = 16;

/** Whether providers would serve a request now: what their probes find, and what their circuits and cooldowns say. */
@Injectable()
export class ProviderHealthService {
  private readonly probe: ProviderProbe;
  private readonly limit = pLimit(PROBES_AT_ONCE);

  constructor(
    private readonly directory: ProviderDirectory,
    private readonly state: MemoryProviderStateStore,
    private readonly traffic: ProviderTrafficService,
    private readonly probes: ProbeCounters,
    private readonly uptimes: ProviderUptimeReader,
    adapters: AIAdapterPool,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'error'>,
    @Inject(REDIS) redis: RedisLink | null,
  ) {
    this.probe = new ProviderProbe(adapters, clock, redis && new RedisProbeStore(redis));
  }

  /** The health of every active provider; see `AIMonitoringService.checkHealth`. */
  async check(refresh: boolean): Promise<HealthReport> {
    const active = this.directory.list({ isActive: true });
    const [uptimes, results] = await Promise.all([
      this.uptimes.read(refresh),
      Promise.all(active.map((provider) => this.limit(() => this.resultOf(provider, refresh)))),
    ]);
    const providers = active.map((provider, index) =>
      this.healthOf(provider, results[index] ?? this.failed(), uptimes(provider)),
    );
    return {
      status: statusOf(providers),
      checkedAt: new Date(this.clock.wallTime()).toISOString(),
      providers,
    };
  }

  /** A probe that fails for a reason of our own spoils the health of its provider alone. */
  private async resultOf(provider: AIProviderConfig, refresh: boolean): Promise<ProbeResult> {
    try {
      const result = await this.probe.result(provider, refresh);
      this.probes.observe(provider.id, result);
      return result;
    } catch (error) {
      this.logger.error({ err: error, providerId: provider.id }, 'A provider cannot be probed');
      return this.failed();
    }
  }

  private failed(): ProbeResult {
    const at = this.clock.wallTime();
    const failure = { at, message: 'The probe itself failed; the log of the service has the reason' };
    return { healthy: false, latency: 0, checkedAt: at, last: { successAt: null, failure } };
  }

  private healthOf(
    { id, name, type }: AIProviderConfig,
    result: ProbeResult,
    uptime: number | null,
  ): ProviderHealth {
    const { successAt, failure } = latestOutcomes(result.last, this.traffic.lastOutcomesOf(id));
    const { circuitState, cooldownUntil } = this.state.standingOf(id);
    return {
      providerId: id,
      providerName: name,
      type,
      healthy: result.healthy && circuitState !== 'OPEN' && cooldownUntil === null,
      circuitState,
      cooldownUntil,
      latency: result.latency,
      checkedAt: new Date(result.checkedAt).toISOString(),
      lastSuccessAt: successAt === null ? null : new Date(successAt).toISOString(),
      lastError: failure?.message ?? null,
      lastErrorAt: failure && new Date(failure.at).toISOString(),
      uptime,
    };
  }
}

/** A circuit on trial lets requests through, but it is not known yet whether its provider is back. */
function statusOf(providers: readonly ProviderHealth[]): HealthStatus {
  const healthy = providers.filter((provider) => provider.healthy);
  if (healthy.length === 0) return providers.length === 0 ? 'healthy' : 'unhealthy';
  const isWhole = healthy.length === providers.length;
  return isWhole && healthy.every(({ circuitState }) => circuitState === 'CLOSED') ? 'healthy' : 'degraded';
}
