import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type {
  CallerOutcomes,
  CostReport,
  PerformanceReport,
  RequestReport,
  StatisticsRequest,
  UsageReport,
} from '../interfaces/monitoring/statistics-report.interface.js';
import type { NumberGroup } from '../ledger/rollups/usage-columns.js';
import { RequestLoad } from '../admission/request-load.service.js';
import { breakdownOf, partsOf, stepOf, type BreakdownInput } from './statistics-breakdown.js';
import { countedPart, rangeOf } from './time/statistics-range.js';
import { performanceRow, requestRow, usageRow } from './statistics-rows.js';
import { costsOf, requestsOf, aggregateOf, type Aggregate } from './statistics-aggregate.js';
import { StatisticsReader } from './statistics.reader.js';
import { ProviderDirectory } from '../registry/provider-directory.js';

interface Counted {
  input: BreakdownInput;
  total: Aggregate;
  callers: CallerOutcomes;
  failuresByCode: Record<string, number>;
}

/**
 * What was done over a span of time, by all replicas. Every method throws `AIError` `VALIDATION_FAILED` for a date or
 * time zone that is none, `PROVIDER_NOT_FOUND`, and `DATABASE_UNAVAILABLE`.
 */
@Injectable()
export class StatisticsService {
  constructor(
    private readonly reader: StatisticsReader,
    private readonly directory: ProviderDirectory,
    private readonly load: RequestLoad,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async usage(request: StatisticsRequest): Promise<UsageReport> {
    const { input, total, callers } = await this.count(request, ['tokens']);
    return { ...usageRow(total), callers, ...breakdownOf(input, (aggregate) => [usageRow(aggregate)]) };
  }

  async cost(request: StatisticsRequest): Promise<CostReport> {
    const { input, total, callers } = await this.count(request, ['money']);
    const totals = costsOf(total);
    const [only] = totals;
    const none = requestsOf(total) === 0 ? 0 : null;
    const sum =
      totals.length === 1 && only
        ? only
        : {
            currency: null,
            inputCost: none,
            cachedInputCost: none,
            cacheWriteCost: none,
            outputCost: none,
            totalCost: none,
          };
    return { totals, ...sum, unpricedRequests: total.unpriced, callers, ...breakdownOf(input, costsOf) };
  }

  async performance(request: StatisticsRequest): Promise<PerformanceReport> {
    const { input, total, callers } = await this.count(request, ['latencies', 'tokens']);
    return {
      ...performanceRow(total),
      callers,
      ...breakdownOf(input, (aggregate) => [performanceRow(aggregate)]),
    };
  }

  async requests(request: StatisticsRequest): Promise<RequestReport> {
    const { input, total, callers, failuresByCode } = await this.count(request, ['outcomes']);
    return {
      ...requestRow(total),
      callers,
      failuresByCode,
      ...(await this.load.now()),
      ...breakdownOf(input, (aggregate) => [requestRow(aggregate)]),
    };
  }

  private async count(request: StatisticsRequest, numbers: readonly NumberGroup[]): Promise<Counted> {
    const { providerId, groupBy = 'day', timezone = 'UTC' } = request;
    const now = this.clock.wallTime();
    const range = rangeOf(request, now);
    if (providerId !== undefined) this.directory.get(providerId);
    const counted = countedPart(range, now);
    const narrowed = providerId === undefined ? {} : { providerId };
    const query = { timezone, numbers, ...narrowed };
    const [[sums = [], cells = []], failuresByCode] = counted
      ? await Promise.all([
          this.reader.readAll([
            { ...counted, ...query, step: 'total' },
            { ...counted, ...query, step: stepOf(groupBy), by: partsOf(groupBy) },
          ]),
          this.reader.failuresByCode({ ...counted, ...narrowed }),
        ])
      : [[], {}];
    const total = aggregateOf(sums);
    return {
      input: { sums, cells, range, groupBy, timezone },
      total,
      callers: callersOf(total, failuresByCode),
      failuresByCode,
    };
  }
}

/** Of the tries of a request one succeeds at most: those that providers succeeded with are those that were answered. */
export function callersOf(
  { successful, rescued }: Pick<Aggregate, 'successful' | 'rescued'>,
  failuresByCode: Readonly<Record<string, number>>,
): CallerOutcomes {
  const failed = Object.values(failuresByCode).reduce((sum, count) => sum + count, 0);
  return { answered: successful, rescued, failed };
}
