import { Inject, Injectable } from '@nestjs/common';
import { PrismaService } from '../../../infra/prisma/prisma.service.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { RequestEvent } from '../interfaces/request-event.interface.js';
import type { FailuresQuery, StatisticsCell, StatisticsQuery } from './statistics-cell.interface.js';
import { stepsOf } from './time/calendar.js';
import { callDatabase } from '../storage/database-call.js';
import { FAILURE_CODES } from '../ledger/rollups/failure-row.js';
import { SUM_FAILURES, type FailureSum } from '../ledger/rollups/failures.sql.js';
import { coverStep, joined, type Segment } from './time/span-cover.js';
import { sumUsage, toCell, TUNE_FOR_SUMS, type UsageSum } from './statistics.sql.js';
import { storableJson } from '../storage/storable-json.js';
import { UsageLedger } from '../ledger/rollups/usage-ledger.js';
import { MINUTE_MS, type UsageRow } from '../ledger/rollups/usage-row.js';

/** What of a raw row is counted. */
const COUNTED_COLUMNS = {
  caller: true,
  operation: true,
  streamed: true,
  recovered: true,
  cached: true,
  attempts: true,
  endedAt: true,
} as const;

/**
 * What was counted, over all replicas, from the roll-ups. A request belongs to the moment in which it ended; it is
 * there within about a second of that. Throws `AIError('DATABASE_UNAVAILABLE')` when the database does not answer.
 */
@Injectable()
export class StatisticsRepository {
  constructor(
    @Inject(PrismaService) private readonly database: PrismaService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The cells of `query`, earliest step first, then by provider, model and currency; steps in which nothing happened
   * have none. A range that begins or ends within a minute takes that minute's part from the raw rows, and so counts
   * nothing for it once they are older than `AI_LOG_RETENTION_DAYS`; a range up to now takes the whole minute.
   * @throws RangeError for a time zone that does not exist
   */
  async read(query: StatisticsQuery): Promise<StatisticsCell[]> {
    const steps = stepsOf({ ...query, to: this.endOf(query.to) });
    if (steps.length === 0) return [];
    const segments = steps.flatMap(coverStep);
    const parts = await Promise.all(
      segments.filter(({ grain }) => grain === 0).map((part) => this.readPart(part)),
    );
    const begins = steps.map(({ begin }) => new Date(begin));
    const ranges = joined(segments.filter(({ grain }) => grain !== 0)).map(toJson);
    const values = [
      `{${begins.map((begin) => begin.toISOString()).join(',')}}`,
      JSON.stringify(ranges),
      storableJson(parts.flat()),
      query.providerId ?? null,
      query.caller ?? '',
    ];
    const sums = await this.sum<UsageSum>(sumUsage(query), values);
    return sums.map((sum) => toCell(sum, begins[sum.step - 1] ?? query.from));
  }

  /**
   * Requests that failed, by the error their callers got: all, or those for which `providerId` was tried last. A range
   * within a minute as in `read`.
   */
  async failuresByCode({ from, to, providerId }: FailuresQuery): Promise<Record<string, number>> {
    const steps = stepsOf({ from, to: this.endOf(to), step: 'total', timezone: 'UTC' });
    const ranges = joined(steps.flatMap(coverStep)).map(toJson);
    const values = [JSON.stringify(ranges), providerId ?? null, FAILURE_CODES];
    const sums = await this.sum<FailureSum>(SUM_FAILURES, values);
    return Object.fromEntries(sums.map(({ code, count }) => [code, count]));
  }

  private async sum<Row>(sql: string, values: readonly unknown[]): Promise<Row[]> {
    const [, sums] = await callDatabase(this.database, (prisma) =>
      prisma.$transaction([
        prisma.$queryRawUnsafe(TUNE_FOR_SUMS),
        prisma.$queryRawUnsafe<Row[]>(sql, ...values),
      ]),
    );
    return sums;
  }

  /** Nothing has ended after now, so that the current minute can be counted whole. */
  private endOf(to: Date): Date {
    if (to.getTime() < this.clock.wallTime()) return to;
    return new Date(Math.ceil(to.getTime() / MINUTE_MS) * MINUTE_MS);
  }

  private async readPart({ step, from, to }: Segment): Promise<UsageRow[]> {
    const where = { endedAt: { gte: new Date(from), lt: new Date(to) } };
    const rows = await callDatabase(this.database, (prisma) =>
      prisma.aIRequest.findMany({ where, select: COUNTED_COLUMNS }),
    );
    const ledger = new UsageLedger(() => ({ grain: 0, span: step }));
    for (const row of rows) {
      // Written by us from the same types, see RequestLogRepository.
      const attempts = row.attempts as unknown as RequestEvent['attempts'];
      const operation = row.operation as RequestEvent['operation'];
      ledger.add({ ...row, attempts, operation, endedAt: row.endedAt.getTime() });
    }
    return ledger.rows();
  }
}

function toJson({ grain, from, to }: Segment): object {
  return { grain, from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
