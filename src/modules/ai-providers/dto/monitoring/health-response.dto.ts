import { ApiProperty } from '../../../../infra/openapi/swagger.js';
import type { AIProviderType, CircuitState } from '../../interfaces/ai-provider.interface.js';
import type { HealthReport, ProviderHealth } from '../../interfaces/monitoring/health.interface.js';
import { AI_PROVIDER_TYPES } from '../ai-provider.dto.js';
import { CIRCUIT_STATES } from '../provider/provider-response.dto.js';

/** How one provider answered its last probe, and when probes or this replica's traffic last saw it serve and fail. */
export class ProviderHealthDto implements ProviderHealth {
  @ApiProperty({ format: 'uuid' })
  providerId!: string;

  @ApiProperty()
  providerName!: string;

  @ApiProperty({ enum: AI_PROVIDER_TYPES })
  type!: AIProviderType;

  @ApiProperty({
    description: 'The last probe succeeded, the circuit is not open and no cooldown keeps requests from it',
  })
  healthy!: boolean;

  @ApiProperty({ enum: CIRCUIT_STATES })
  circuitState!: CircuitState;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when the vendor asked to be left alone',
  })
  cooldownUntil!: string | null;

  @ApiProperty({ description: 'Milliseconds the probe took' })
  latency!: number;

  @ApiProperty({ format: 'date-time' })
  checkedAt!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Of probes and of the traffic of the replica that is asked, as the last error',
  })
  lastSuccessAt!: string | null;

  @ApiProperty({
    type: String,
    nullable: true,
    description: 'Why the last failed probe or try failed, whatever succeeded since',
  })
  lastError!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true })
  lastErrorAt!: string | null;

  @ApiProperty({
    type: Number,
    nullable: true,
    minimum: 0,
    maximum: 100,
    description: 'Of traffic and probes, as in the metrics; null while the database does not answer',
  })
  uptime!: number | null;
}

/** Health of all active providers. */
export class HealthReportDto implements HealthReport {
  @ApiProperty({
    enum: ['healthy', 'degraded', 'unhealthy'],
    description: 'unhealthy: there are active providers and none of them can be asked now',
  })
  status!: HealthReport['status'];

  @ApiProperty({ format: 'date-time' })
  checkedAt!: string;

  @ApiProperty({ type: [ProviderHealthDto] })
  providers!: ProviderHealthDto[];
}
