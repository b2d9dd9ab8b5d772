import { ApiProperty } from '../../../../infra/openapi/swagger.js';
import { IsIn, IsOptional } from 'class-validator';
import type {
  Alert,
  AlertSeverity,
  AlertStatus,
  AlertType,
} from '../../interfaces/monitoring/alert.interface.js';

const STATUSES = ['active', 'resolved', 'all'] as const;

/** Which alerts. */
export class AlertQueryDto {
  @ApiProperty({ enum: STATUSES, required: false, default: 'active' })
  @IsOptional()
  @IsIn(STATUSES)
  status?: AlertStatus | 'all';
}

/** A threshold that is or was exceeded, by a provider or by the service as a whole. */
export class AlertDto implements Alert {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: ['error_rate', 'latency', 'cost', 'circuit_open', 'unanswered_requests'] })
  type!: AlertType;

  @ApiProperty({ enum: ['critical', 'warning', 'info'] })
  severity!: AlertSeverity;

  @ApiProperty({
    type: String,
    format: 'uuid',
    nullable: true,
    description: 'Null for the service as a whole',
  })
  providerId!: string | null;

  @ApiProperty()
  message!: string;

  @ApiProperty({ description: 'Percent, milliseconds, money or a number of requests, as the type says' })
  value!: number;

  @ApiProperty({ description: 'What `value` exceeds' })
  threshold!: number;

  @ApiProperty({ enum: ['active', 'resolved'] })
  status!: AlertStatus;

  @ApiProperty({ format: 'date-time', description: 'When it was first seen to hold' })
  triggeredAt!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When it was first seen to hold no longer',
  })
  resolvedAt!: string | null;
}
