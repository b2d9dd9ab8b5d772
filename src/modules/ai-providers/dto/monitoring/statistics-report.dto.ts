import { ApiProperty, IntersectionType } from '../../../../infra/openapi/swagger.js';
import type {
  CallerOutcomes,
  CostReport,
  PerformanceReport,
  RequestReport,
  UsageReport,
} from '../../interfaces/monitoring/statistics-report.interface.js';
import {
  CostNumbersDto,
  ModelGroupDto,
  PerformanceNumbersDto,
  ProviderGroupDto,
  RequestNumbersDto,
  TimelineStepDto,
  UsageNumbersDto,
} from './statistics-numbers.dto.js';

class CallerOutcomesDto implements CallerOutcomes {
  @ApiProperty({ type: 'integer', description: 'Answered, by whatever provider or from the cache' })
  answered!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Part of `answered`: by another provider after one had failed',
  })
  rescued!: number;

  @ApiProperty({
    type: 'integer',
    description: 'Got an error of a vendor’s or of ours, those that found nobody to ask included',
  })
  failed!: number;
}

class ReportDto {
  @ApiProperty({ format: 'date-time', description: 'First millisecond covered' })
  startDate!: string;

  @ApiProperty({ format: 'date-time', description: 'Last millisecond covered' })
  endDate!: string;

  @ApiProperty({
    description:
      'What callers got, each request once; their own errors and hang-ups are in none of it. With `providerId` of ' +
      'those that this provider answered or failed last',
  })
  callers!: CallerOutcomesDto;
}

class UsageByProviderDto extends IntersectionType(ProviderGroupDto, UsageNumbersDto) {}
class UsageByModelDto extends IntersectionType(ModelGroupDto, UsageNumbersDto) {}
class UsageStepDto extends IntersectionType(TimelineStepDto, UsageNumbersDto) {}

/** Requests and tokens. */
export class UsageReportDto extends IntersectionType(ReportDto, UsageNumbersDto) implements UsageReport {
  @ApiProperty({ type: [UsageByProviderDto] })
  byProvider!: UsageByProviderDto[];

  @ApiProperty({ type: [UsageByModelDto] })
  byModel!: UsageByModelDto[];

  @ApiProperty({ type: [UsageStepDto], description: 'Steps in which nothing was are left out' })
  timeline!: UsageStepDto[];
}

class CostByProviderDto extends IntersectionType(ProviderGroupDto, CostNumbersDto) {}
class CostByModelDto extends IntersectionType(ModelGroupDto, CostNumbersDto) {}
class CostStepDto extends IntersectionType(TimelineStepDto, CostNumbersDto) {}

const soleSum = ApiProperty({
  type: Number,
  nullable: true,
  description: 'Null where there is not exactly one currency; 0 without a request',
});

/** Money: never summed across currencies, so that each list has an entry a currency. */
export class CostReportDto extends ReportDto implements CostReport {
  @ApiProperty({ type: [CostNumbersDto] })
  totals!: CostNumbersDto[];

  @soleSum
  inputCost!: number | null;

  @soleSum
  cachedInputCost!: number | null;

  @soleSum
  cacheWriteCost!: number | null;

  @soleSum
  outputCost!: number | null;

  @soleSum
  totalCost!: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD', description: 'The only one there is' })
  currency!: string | null;

  @ApiProperty({ type: 'integer', description: 'Requests whose provider had no price' })
  unpricedRequests!: number;

  @ApiProperty({ type: [CostByProviderDto] })
  byProvider!: CostByProviderDto[];

  @ApiProperty({ type: [CostByModelDto] })
  byModel!: CostByModelDto[];

  @ApiProperty({ type: [CostStepDto], description: 'Steps in which nothing was are left out' })
  timeline!: CostStepDto[];
}

class PerformanceByProviderDto extends IntersectionType(ProviderGroupDto, PerformanceNumbersDto) {}
class PerformanceByModelDto extends IntersectionType(ModelGroupDto, PerformanceNumbersDto) {}
class PerformanceStepDto extends IntersectionType(TimelineStepDto, PerformanceNumbersDto) {}

/** How fast and how well. */
export class PerformanceReportDto
  extends IntersectionType(ReportDto, PerformanceNumbersDto)
  implements PerformanceReport
{
  @ApiProperty({ type: [PerformanceByProviderDto] })
  byProvider!: PerformanceByProviderDto[];

  @ApiProperty({ type: [PerformanceByModelDto] })
  byModel!: PerformanceByModelDto[];

  @ApiProperty({ type: [PerformanceStepDto], description: 'Steps in which nothing was are left out' })
  timeline!: PerformanceStepDto[];
}

class RequestsByProviderDto extends IntersectionType(ProviderGroupDto, RequestNumbersDto) {}
class RequestsByModelDto extends IntersectionType(ModelGroupDto, RequestNumbersDto) {}
class RequestsStepDto extends IntersectionType(TimelineStepDto, RequestNumbersDto) {}

/** What became of requests. */
export class RequestReportDto
  extends IntersectionType(ReportDto, RequestNumbersDto)
  implements RequestReport
{
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { ALL_PROVIDERS_FAILED: 2, RATE_LIMITED: 1 },
    description:
      'Requests that failed by the code their callers got, each once, those that reached no provider too; with ' +
      '`providerId` those that tried it last. A caller’s own errors are not among them',
  })
  failuresByCode!: Record<string, number>;

  @ApiProperty({ type: 'integer', description: 'Being answered now, by the replica that is asked' })
  inFlight!: number;

  @ApiProperty({ type: 'integer', description: 'Waiting for a limit now, there' })
  queued!: number;

  @ApiProperty({ type: [RequestsByProviderDto] })
  byProvider!: RequestsByProviderDto[];

  @ApiProperty({ type: [RequestsByModelDto] })
  byModel!: RequestsByModelDto[];

  @ApiProperty({ type: [RequestsStepDto], description: 'Steps in which nothing was are left out' })
  timeline!: RequestsStepDto[];
}
