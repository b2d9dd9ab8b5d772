import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import { AIError } from '../errors/ai.error.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import { CircuitOutageRepository } from './circuit-outage.repository.js';
import { ProbeCounters } from './probe-counters.js';
import { openShareOf, uptimeOf } from './provider-metrics.js';
import { grouped } from '../statistics/statistics-cells.js';
import { CLOCK_SKEW_MS } from '../statistics/time/statistics-range.js';
import { StatisticsReader } from '../statistics/statistics.reader.js';
import { aggregateOf, type Aggregate } from '../statistics/statistics-aggregate.js';

/** For this long what was counted is not read again, in milliseconds: health is polled, by several at once. */
const READING_AGE_MS = 15_000;

/** A reading that failed is not kept for as long: the database may be back. */
const FAILED_READING_AGE_MS = 1_000;

const NOTHING = aggregateOf([]);

interface Traffic {
  counters: ReadonlyMap<string, Aggregate>;
  openMs: ReadonlyMap<string, number>;
}

/** The uptime of each provider as its metrics have it, at the price of one query in 15 s however many ask. */
@Injectable()
export class ProviderUptimeReader {
  private reading: { validUntil: number; traffic: Promise<Traffic | null> } | undefined;

  constructor(
    private readonly reader: StatisticsReader,
    private readonly probes: ProbeCounters,
    private readonly outages: CircuitOutageRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'error'>,
  ) {}

  /**
   * Returns a function from a provider to its uptime (0–100): null for all while it cannot be read.
   * @param refresh reads anew whatever the age of the last reading
   */
  async read(refresh: boolean): Promise<(provider: AIProviderConfig) => number | null> {
    const now = this.clock.monotonic();
    if (refresh || this.reading === undefined || now >= this.reading.validUntil)
      this.reading = { validUntil: now + READING_AGE_MS, traffic: this.readTraffic() };
    const { reading } = this;
    const traffic = await reading.traffic;
    if (traffic === null)
      reading.validUntil = Math.min(reading.validUntil, this.clock.monotonic() + FAILED_READING_AGE_MS);
    return (provider) => (traffic === null ? null : this.uptimeOf(provider, traffic));
  }

  private uptimeOf(provider: AIProviderConfig, { counters, openMs }: Traffic): number {
    const { id } = provider;
    const openShare = openShareOf(provider, openMs.get(id) ?? 0, this.clock.wallTime());
    return uptimeOf(counters.get(id) ?? NOTHING, this.probes.of(id), openShare);
  }

  private async readTraffic(): Promise<Traffic | null> {
    const now = this.clock.wallTime();
    try {
      const [cells, openMs] = await Promise.all([
        this.reader.read({
          from: new Date(0),
          to: new Date(now + CLOCK_SKEW_MS),
          step: 'total',
          timezone: 'UTC',
          by: ['providerId'],
          numbers: ['outcomes'],
        }),
        this.outages.openMs(new Date(now)),
      ]);
      const groups = grouped(cells, ({ providerId }) => providerId);
      return {
        counters: new Map(groups.map((group) => [group[0]?.providerId ?? '', aggregateOf(group)])),
        openMs,
      };
    } catch (error) {
      const isAway = error instanceof AIError && error.code === 'DATABASE_UNAVAILABLE';
      if (!isAway) this.logger.error({ err: error }, 'The uptime of the providers cannot be read');
      return null;
    }
  }
}
