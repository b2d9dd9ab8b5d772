import { ApiProperty, ApiPropertyOptional } from '../../../../infra/openapi/swagger.js';
import type {
  CostNumbers,
  PerformanceNumbers,
  RequestCounts,
  RequestNumbers,
  TimelineStep,
  UsageNumbers,
} from '../../interfaces/monitoring/statistics-report.interface.js';
import { LatencyPercentilesDto } from './metrics.dto.js';

const count = (description?: string): PropertyDecorator => ApiProperty({ type: 'integer', description });
const numberOrNull = (description: string): PropertyDecorator =>
  ApiProperty({ type: Number, nullable: true, description });

export class ProviderGroupDto {
  @ApiProperty({ format: 'uuid' })
  providerId!: string;

  @ApiProperty()
  providerName!: string;
}

export class ModelGroupDto {
  @ApiProperty()
  model!: string;
}

export class TimelineStepDto implements TimelineStep {
  @ApiProperty({ example: '2026-11-22', description: 'As the clocks of the time zone show it' })
  date!: string;

  @ApiProperty({ format: 'date-time', description: 'The same as an instant' })
  start!: string;

  @ApiPropertyOptional({ format: 'uuid', description: 'With `groupBy=provider`' })
  providerId?: string;

  @ApiPropertyOptional({ description: 'With `groupBy=provider`' })
  providerName?: string;

  @ApiPropertyOptional({ description: 'With `groupBy=model`' })
  model?: string;
}

class RequestCountsDto implements RequestCounts {
  @count('Requests are counted once for each provider they reached')
  totalRequests!: number;

  @count()
  successfulRequests!: number;

  @count()
  failedRequests!: number;

  @count('Of the successful ones, those that the cache answered')
  cachedRequests!: number;
}

export class UsageNumbersDto extends RequestCountsDto implements UsageNumbers {
  @count('Cached ones included')
  promptTokens!: number;

  @count('Reasoning included')
  completionTokens!: number;

  @count()
  totalTokens!: number;

  @count()
  cachedPromptTokens!: number;

  @count()
  cacheWriteTokens!: number;

  @count()
  reasoningTokens!: number;

  @count('Requests of whose tokens nothing is known')
  unknownUsageRequests!: number;
}

export class CostNumbersDto implements CostNumbers {
  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ description: 'Prompt tokens neither read from a vendor’s cache nor written to it' })
  inputCost!: number;

  @ApiProperty({ description: 'Prompt tokens read from a vendor’s cache' })
  cachedInputCost!: number;

  @ApiProperty({ description: 'Prompt tokens written to a vendor’s cache' })
  cacheWriteCost!: number;

  @ApiProperty()
  outputCost!: number;

  @ApiProperty()
  totalCost!: number;
}

class ThroughputDto {
  @ApiProperty()
  requestsPerMinute!: number;

  @ApiProperty()
  tokensPerMinute!: number;
}

export class PerformanceNumbersDto implements PerformanceNumbers {
  @count()
  totalRequests!: number;

  @numberOrNull('Milliseconds')
  averageLatency!: number | null;

  @ApiProperty({ type: LatencyPercentilesDto })
  latency!: LatencyPercentilesDto;

  @numberOrNull('Milliseconds, of streams')
  timeToFirstToken!: number | null;

  @numberOrNull('0–100')
  successRate!: number | null;

  @numberOrNull('0–100')
  errorRate!: number | null;

  @ApiProperty({ type: ThroughputDto, description: 'Averages over the part of the time that has passed' })
  throughput!: ThroughputDto;
}

export class RequestNumbersDto extends RequestCountsDto implements RequestNumbers {
  @ApiProperty({
    type: 'object',
    additionalProperties: { type: 'integer' },
    example: { server_error: 2, timeout: 1 },
    description: 'Failed requests by the outcome of their last try on the provider',
  })
  failuresByOutcome!: Record<string, number>;

  @count('Took more than one try on the provider')
  retriedRequests!: number;

  @count('Came after another provider had failed')
  fallbackRequests!: number;

  @count()
  streamedRequests!: number;

  @count('Streams that were cut and went on')
  recoveredRequests!: number;
}
