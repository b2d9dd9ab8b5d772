import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '../../../infra/prisma/prisma.service.js';
import type {
  CircuitOutage,
  CircuitOutageChange,
} from '../interfaces/monitoring/circuit-outage.interface.js';
import type { TimeRange } from '../statistics/statistics-cell.interface.js';
import { callDatabase } from '../storage/database-call.js';
import { MINUTE_MS } from '../ledger/rollups/usage-row.js';

/**
 * How long the circuits were open in milliseconds, each moment once however many replicas have seen it: `range_agg` joins
 * what overlaps (https://www.postgresql.org/docs/14/functions-range.html).
 */
const SUM_OPEN = `
  SELECT "providerId", (sum(extract(epoch FROM upper("open") - lower("open"))) * 1000)::float8 AS "openMs"
    FROM (SELECT "providerId", unnest(range_agg(tstzrange("openedAt", least("openUntil", $1::timestamptz)))) AS "open"
            FROM "AICircuitOutage" WHERE "openedAt" < least("openUntil", $1::timestamptz) GROUP BY "providerId") AS "times"
   GROUP BY "providerId"`;

const SUM_SKIPS = `
  SELECT "providerId", sum("count")::float8 AS "count" FROM "AICircuitSkip"
   WHERE "span" >= $1::timestamptz AND "span" < $2::timestamptz GROUP BY "providerId"`;

/**
 * What open circuits have done, over all replicas: from when to when they were open, and how many requests found no provider
 * to ask because of them. Methods throw `AIError('DATABASE_UNAVAILABLE')` when the database does not answer.
 */
@Injectable()
export class CircuitOutageRepository {
  constructor(@Inject(PrismaService) private readonly database: PrismaService) {}

  /** Keeps a change; the same one twice changes nothing. A circuit that closes is closed for every replica that saw it open. */
  async keep(change: CircuitOutageChange): Promise<void> {
    await callDatabase(this.database, async ({ aICircuitOutage: table }): Promise<unknown> => {
      if (change.kind === 'open') {
        const { id, ...outage } = change.outage;
        return table.upsert({ where: { id }, create: { id, ...outage }, update: outage });
      }
      const { providerId, at } = change;
      const unclosed = { providerId, closedAt: null, openedAt: { lte: at } };
      await table.updateMany({ where: { ...unclosed, openUntil: { gt: at } }, data: { openUntil: at } });
      return table.updateMany({ where: unclosed, data: { closedAt: at } });
    });
  }

  /** Outages whose end was not recorded and whose last trial was due after `since`, the first of each provider. */
  async unclosed(since: Date): Promise<CircuitOutage[]> {
    return callDatabase(this.database, ({ aICircuitOutage: table }) =>
      table.findMany({
        where: { closedAt: null, openUntil: { gt: since } },
        orderBy: { openedAt: 'asc' },
        distinct: ['providerId'],
        omit: { closedAt: true },
      }),
    );
  }

  /** Milliseconds for which each provider's circuit was open up to `now`; of a provider that is not there, none. */
  async openMs(now: Date): Promise<ReadonlyMap<string, number>> {
    const rows = await callDatabase(this.database, (prisma) =>
      prisma.$queryRawUnsafe<{ providerId: string; openMs: number }[]>(SUM_OPEN, now),
    );
    return new Map(rows.map(({ providerId, openMs }) => [providerId, openMs]));
  }

  /** By provider, how many requests of whole minutes found no provider to ask and skipped it because of its circuit. */
  async skips({ from, to }: TimeRange): Promise<ReadonlyMap<string, number>> {
    const begin = new Date(Math.floor(from.getTime() / MINUTE_MS) * MINUTE_MS);
    const rows = await callDatabase(this.database, (prisma) =>
      prisma.$queryRawUnsafe<{ providerId: string; count: number }[]>(SUM_SKIPS, begin, to),
    );
    return new Map(rows.map(({ providerId, count }) => [providerId, count]));
  }
}
