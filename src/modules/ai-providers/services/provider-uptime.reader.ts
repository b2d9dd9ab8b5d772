import { Inject, Injectable } from '@nestjs/common';
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

const NOTHING = tallyOf([]);

type Traffic = ReadonlyMap<string, Tally>;

/** The uptime of each provider as its metrics have it, at the price of one query in 15 s however many ask. */
@Injectable()
export class ProviderUptimeReader {
  private reading: { startedAt: number; traffic: Promise<Traffic | null> } | undefined;

  constructor(
    private readonly reader: StatisticsReader,
    private readonly probes: ProbeTally,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Gives what tells a provider's uptime (0–100) by its id: null for all while the database does not answer.
   * @param refresh reads anew whatever the age of the last reading
   */
  async read(refresh: boolean): Promise<(providerId: string) => number | null> {
    const now = this.clock.monotonic();
    if (refresh || this.reading === undefined || now - this.reading.startedAt >= READING_AGE_MS)
      this.reading = { startedAt: now, traffic: this.readTraffic() };
    const traffic = await this.reading.traffic;
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
      if (error instanceof AIError && error.code === 'DATABASE_UNAVAILABLE') return null;
      throw error;
    }
  }
}
