import { ApiProperty } from '../../../../infra/openapi/swagger.js';
import type { CircuitState } from '../../interfaces/ai-provider.interface.js';
import type {
  LatencyPercentiles,
  ProviderMetrics,
} from '../../interfaces/monitoring/provider-metrics.interface.js';
import { CIRCUIT_STATES } from '../provider/provider-response.dto.js';

const count = (description?: string): PropertyDecorator => ApiProperty({ type: 'integer', description });
const numberOrNull = (description: string): PropertyDecorator =>
  ApiProperty({ type: Number, nullable: true, description });

/** Milliseconds that so many percent of the requests took at most; estimates from classes of about a fifth's width. */
export class LatencyPercentilesDto implements LatencyPercentiles {
  @numberOrNull('Milliseconds; null without a request')
  p50!: number | null;

  @numberOrNull('Milliseconds; null without a request')
  p95!: number | null;

  @numberOrNull('Milliseconds; null without a request')
  p99!: number | null;
}

/** What one provider has done since it was registered, over all replicas. */
export class ProviderMetricsDto implements ProviderMetrics {
  @ApiProperty({ format: 'uuid' })
  providerId!: string;

  @ApiProperty()
  providerName!: string;

  @count(
    'Requests that this provider, or the cache in its place, was asked for: `successfulRequests + failedRequests`',
  )
  totalRequests!: number;

  @count()
  successfulRequests!: number;

  @count()
  failedRequests!: number;

  @count('Of the successful ones, those that the cache answered in its place')
  cachedRequests!: number;

  @ApiProperty({
    description: 'Milliseconds that the vendor took, answers of the cache apart; 0 without a request',
  })
  averageLatency!: number;

  @ApiProperty({ type: LatencyPercentilesDto })
  latency!: LatencyPercentilesDto;

  @numberOrNull('Milliseconds to a stream’s first content on average; null without a stream')
  timeToFirstToken!: number | null;

  @count()
  totalTokensUsed!: number;

  @numberOrNull('In `currency`; null where requests were made and no price was known')
  totalCost!: number | null;

  @ApiProperty({ type: String, nullable: true, example: 'USD' })
  currency!: string | null;

  @ApiProperty({ minimum: 0, maximum: 100, description: 'Percent of the requests that failed' })
  errorRate!: number;

  @ApiProperty({
    minimum: 0,
    maximum: 100,
    description:
      'Percent of the requests, and of the probes that this replica knows of, that did not end in a lost connection, ' +
      'silence, a server’s error, or an unreadable or cut answer; the time in which the circuit was open counts as down',
  })
  uptime!: number;

  @ApiProperty({
    description: 'Milliseconds since the provider was registered in which its circuit was open',
  })
  circuitOpenMs!: number;

  @ApiProperty({ enum: CIRCUIT_STATES })
  circuitState!: CircuitState;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastUsedAt!: string | null;
}
