import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type {
  CostReport,
  PerformanceReport,
  RequestReport,
  StatisticsRequest,
  UsageReport,
} from '../interfaces/statistics-report.interface.js';
import type { CellNumbers } from '../interfaces/statistics.interface.js';
import { AIProviderRegistryService } from './ai-provider-registry.service.js';
import { RequestLoad } from './request-load.service.js';
import { breakdownOf, minutesOf, partsOf, stepOf, type BreakdownInput } from './statistics-breakdown.js';
import { countedPart, rangeOf } from './statistics-range.js';
import { performanceRow, requestRow, usageRow } from './statistics-rows.js';
import { costsOf, requestsOf, tallyOf, type Tally } from './statistics-tally.js';
import { StatisticsReader } from './statistics.reader.js';

interface Counted {
  input: BreakdownInput;
  total: Tally;
}

/**
 * What was done over a span of time, by all replicas. Every method throws `AIError` `VALIDATION_FAILED` for a date or
 * time zone that is none, `PROVIDER_NOT_FOUND`, and `DATABASE_UNAVAILABLE`.
 */
@Injectable()
export class StatisticsService {
  constructor(
    private readonly reader: StatisticsReader,
    private readonly registry: AIProviderRegistryService,
    private readonly load: RequestLoad,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async usage(request: StatisticsRequest): Promise<UsageReport> {
    const { input, total } = await this.count(request, ['tokens']);
    return { ...usageRow(total), ...breakdownOf(input, (tally) => [usageRow(tally)]) };
  }

  async cost(request: StatisticsRequest): Promise<CostReport> {
    const { input, total } = await this.count(request, ['money']);
    const totals = costsOf(total);
    const [only] = totals;
    const none = requestsOf(total) === 0 ? 0 : null;
    const sum =
      totals.length === 1 && only
        ? only
        : { currency: null, inputCost: none, outputCost: none, totalCost: none };
    return { totals, ...sum, unpricedRequests: total.unpriced, ...breakdownOf(input, costsOf) };
  }

  async performance(request: StatisticsRequest): Promise<PerformanceReport> {
    const { input, total } = await this.count(request, ['latencies', 'tokens']);
    return {
      ...performanceRow(total, () => minutesOf(input.range, input.now)),
      ...breakdownOf(input, (tally, minutes) => [performanceRow(tally, minutes)]),
    };
  }

  async requests(request: StatisticsRequest): Promise<RequestReport> {
    const { input, total } = await this.count(request, ['courses']);
    return {
      ...requestRow(total),
      failuresByCode: await this.failuresByCode(input, request),
      ...(await this.load.now()),
      ...breakdownOf(input, (tally) => [requestRow(tally)]),
    };
  }

  private async failuresByCode(
    { range, now }: BreakdownInput,
    { providerId }: StatisticsRequest,
  ): Promise<Record<string, number>> {
    const counted = countedPart(range, now);
    if (counted === null) return {};
    return this.reader.failuresByCode({ ...counted, ...(providerId !== undefined && { providerId }) });
  }

  private async count(request: StatisticsRequest, numbers: readonly CellNumbers[]): Promise<Counted> {
    const { providerId, groupBy = 'day', timezone = 'UTC' } = request;
    const now = this.clock.wallTime();
    const range = rangeOf(request, now);
    if (providerId !== undefined) this.registry.get(providerId);
    const counted = countedPart(range, now);
    const query = { timezone, numbers, ...(providerId !== undefined && { providerId }) };
    const [sums = [], cells = []] = counted
      ? await this.reader.readAll([
          { ...counted, ...query, step: 'total' },
          { ...counted, ...query, step: stepOf(groupBy), of: partsOf(groupBy) },
        ])
      : [];
    return { input: { sums, cells, range, groupBy, timezone, now }, total: tallyOf(sums) };
  }
}
