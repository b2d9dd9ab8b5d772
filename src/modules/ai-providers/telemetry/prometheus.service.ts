import { Inject, Injectable, Optional } from '@nestjs/common';
import { AggregatorRegistry, type Registry } from 'prom-client';
import { REDIS } from '../../../infra/redis/redis.token.js';
import type { RedisLink } from '../../../infra/redis/redis-link.js';
import { WorkerLink } from '../../../infra/workers/worker-link.js';
import type { Series } from '../../../infra/workers/worker-message.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { AttemptRecord, RequestEvent } from '../interfaces/request-event.interface.js';
import { MemoryProviderStateStore } from '../resilience/state/provider-state.memory.store.js';
import { countOf } from '../accounting/plausible-count.js';
import type { RequestListener } from '../interfaces/request-listener.interface.js';
import { EndedRequests } from '../ledger/ended-requests.js';
import { PrometheusSeries, type ProviderLabels } from './prometheus.series.js';
import { ProviderCounters, RequestCounters } from './prometheus.counters.js';
import { REQUEST_QUEUE, type RequestQueue } from '../admission/request-queue.provider.js';
import { RequestRecorder } from '../ledger/request-recorder.service.js';
import { RequestsInFlight } from '../admission/requests-in-flight.js';
import { ProviderDirectory } from '../registry/provider-directory.js';

/**
 * What this process has done since its start, for Prometheus: it adds up over replicas and restarts there; over the
 * workers of one service it is added up here, since a scrape reaches one of them alone. The numbers to
 * bill by are those of the statistics.
 */
@Injectable()
export class PrometheusService implements RequestListener {
  private readonly series: PrometheusSeries;
  private readonly requests = new Map<string, RequestCounters>();
  private readonly providers = new Map<string, ProviderCounters>();

  constructor(
    directory: ProviderDirectory,
    state: MemoryProviderStateStore,
    recorder: RequestRecorder,
    inFlight: RequestsInFlight,
    private readonly ended: EndedRequests,
    @Inject(REQUEST_QUEUE) queue: RequestQueue,
    @Inject(REDIS) redis: Pick<RedisLink, 'isAvailable'> | null,
    @Optional() @Inject(WorkerLink) private readonly link?: WorkerLink,
  ) {
    this.series = new PrometheusSeries({
      inFlight: () => inFlight.size,
      queued: () => queue.size,
      journalBytes: () => recorder.state.journalBytes,
      journalLost: () => recorder.state.lost,
      journalSetAside: () => recorder.state.damaged,
      dependencies: () => [
        { dependency: 'database', isUp: !recorder.isDatabaseAway },
        ...(redis ? [{ dependency: 'redis' as const, isUp: redis.isAvailable }] : []),
        { dependency: 'journal', isUp: recorder.isJournalling },
      ],
      circuits: () =>
        directory
          .list({ isActive: true })
          .map((provider) => ({ labels: labelsOf(provider), state: state.circuit(provider.id).state })),
    });
    ended.addListener(this);
    link?.onCount(async () => {
      ended.flush();
      // prom-client's types give a number as the type, where there is its name.
      return (await this.series.registry.getMetricsAsJSON()) as unknown as Series[];
    });
  }

  /** Where other parts put series of their own. */
  get registry(): Registry {
    return this.series.registry;
  }

  /** The text that Prometheus reads, and its media type. Where there are several workers, of all together. */
  async exposition(): Promise<{ contentType: string; text: string }> {
    this.ended.flush();
    const registry = this.link ? AggregatorRegistry.aggregate([await this.link.sum()]) : this.registry;
    return { contentType: registry.contentType, text: await registry.metrics() };
  }

  requestEnded(event: RequestEvent): void {
    const { code, latency, attempts } = event;
    let atProviders = 0;
    for (const attempt of event.cached ? [] : attempts) {
      atProviders += attempt.latency;
      this.attemptEnded(attempt);
    }
    const counters = this.requestCounters(event);
    counters.ended(code ?? 'ok').value += 1;
    if (event.recovered) counters.recovered.value += 1;
    if (code !== null) return;
    counters.latency.observe(latency / 1_000);
    counters.overhead.observe(Math.max(0, latency - atProviders) / 1_000);
  }

  private attemptEnded(attempt: AttemptRecord): void {
    const { outcome, latency, timeToFirstToken, usage, cost } = attempt;
    const counters = this.providerCounters(attempt);
    counters.ended(outcome).value += 1;
    if (outcome === 'success') {
      counters.latency.observe(latency / 1_000);
      if (timeToFirstToken !== null) counters.firstToken.observe(timeToFirstToken / 1_000);
    }
    counters.promptTokens.value += countOf(usage.promptTokens);
    counters.completionTokens.value += countOf(usage.completionTokens);
    if (cost) counters.cost(cost.currency).value += Number(cost.total);
  }

  private requestCounters({ streamed, cached }: RequestEvent): RequestCounters {
    const key = `${streamed} ${cached}`;
    let counters = this.requests.get(key);
    if (counters === undefined) {
      counters = new RequestCounters(this.series, { streamed: String(streamed), cached: String(cached) });
      this.requests.set(key, counters);
    }
    return counters;
  }

  private providerCounters(
    attempt: Pick<AttemptRecord, 'providerId' | 'providerName' | 'providerType'>,
  ): ProviderCounters {
    const { providerId, providerName, providerType } = attempt;
    const key = `${providerId} ${providerName}`;
    let counters = this.providers.get(key);
    if (counters === undefined) {
      const labels = { provider: providerName, provider_id: providerId, type: providerType };
      counters = new ProviderCounters(this.series, labels);
      this.providers.set(key, counters);
    }
    return counters;
  }
}

function labelsOf({ id, name, type }: AIProviderConfig): ProviderLabels {
  return { provider: name, provider_id: id, type };
}
