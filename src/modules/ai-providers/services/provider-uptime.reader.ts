import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import { AIError } from '../errors/ai.error.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import { ProbeTally } from './probe-tally.js';
import { uptimeOf } from './provider-metrics.js';
import { grouped } from './statistics-cells.js';
import { CLOCK_SKEW_MS } from './statistics-range.js';
import { StatisticsReader } from './statistics.reader.js';
import { tallyOf, type Tally } from './statistics-tally.js';

/** For this long what was counted is not read again, in milliseconds: health is polled, by several at once. */
const READING_AGE_MS = 15_000;

/** A reading that failed is not kept for as long: the database may be back. */
const FAILED_READING_AGE_MS = 1_000;

const NOTHING = tallyOf([]);

type Traffic = ReadonlyMap<string, Tally>;

/** The uptime of each provider as its metrics have it, at the price of one query in 15 s however many ask. */
@Injectable()
export class ProviderUptimeReader {
  private reading: { validUntil: number; traffic: Promise<Traffic | null> } | undefined;

  constructor(
    private readonly reader: StatisticsReader,
    private readonly probes: ProbeTally,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'error'>,
  ) {}

  /**
   * Gives what tells a provider's uptime (0–100) by its id: null for all while it cannot be read.
   * @param refresh reads anew whatever the age of the last reading
   */
  async read(refresh: boolean): Promise<(providerId: string) => number | null> {
    const now = this.clock.monotonic();
    if (refresh || this.reading === undefined || now >= this.reading.validUntil)
      this.reading = { validUntil: now + READING_AGE_MS, traffic: this.readTraffic() };
    const { reading } = this;
    const traffic = await reading.traffic;
    if (traffic === null)
      reading.validUntil = Math.min(reading.validUntil, this.clock.monotonic() + FAILED_READING_AGE_MS);
    return (id) => (traffic === null ? null : uptimeOf(traffic.get(id) ?? NOTHING, this.probes.of(id)));
  }

  private async readTraffic(): Promise<Traffic | null> {
    try {
      const cells = await this.reader.read({
        from: new Date(0),
        to: new Date(this.clock.wallTime() + CLOCK_SKEW_MS),
        step: 'total',
        timezone: 'UTC',
        of: 'provider',
        numbers: ['courses'],
      });
      return new Map(
        grouped(cells, ({ providerId }) => providerId).map((group) => [
          group[0]?.providerId ?? '',
          tallyOf(group),
        ]),
      );
    } catch (error) {
      const isAway = error instanceof AIError && error.code === 'DATABASE_UNAVAILABLE';
      if (!isAway) this.logger.error({ err: error }, 'The uptime of the providers cannot be read');
      return null;
    }
  }
}
