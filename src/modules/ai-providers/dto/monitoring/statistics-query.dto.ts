import { ApiPropertyOptional } from '../../../../infra/openapi/swagger.js';
import { IsIn, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';
import type {
  StatisticsGrouping,
  StatisticsRequest,
} from '../../interfaces/monitoring/statistics-report.interface.js';

const GROUPINGS: readonly StatisticsGrouping[] = ['hour', 'day', 'month', 'provider', 'model'];

/** Longer than any date-time or name of a time zone. */
const MAX_TEXT = 64;

const FORMATS = ['json', 'csv'] as const;

/** Which statistics are asked for. */
export class StatisticsQueryDto implements StatisticsRequest {
  @ApiPropertyOptional({
    example: '2024-01-01',
    description:
      'A date (that whole day in `timezone`) or a date-time (exact); 30 days up to the end if left out',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  startDate?: string;

  @ApiPropertyOptional({
    example: '2024-12-31',
    description: 'As `startDate`, itself included; today if left out',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  endDate?: string;

  @ApiPropertyOptional({ format: 'uuid' })
  @IsOptional()
  @IsUUID()
  providerId?: string;

  @ApiPropertyOptional({
    enum: GROUPINGS,
    default: 'day',
    description: 'Steps of the timeline; `provider` and `model` cut its days further',
  })
  @IsOptional()
  @IsIn(GROUPINGS)
  groupBy?: StatisticsGrouping;

  @ApiPropertyOptional({
    example: 'Europe/Berlin',
    default: 'UTC',
    description: 'IANA name; decides where days and months begin',
  })
  @IsOptional()
  @IsString()
  @MaxLength(MAX_TEXT)
  timezone?: string;

  @ApiPropertyOptional({ enum: FORMATS, description: '`csv`: the timeline alone, whatever `Accept` says' })
  @IsOptional()
  @IsIn(FORMATS)
  format?: (typeof FORMATS)[number];
}
