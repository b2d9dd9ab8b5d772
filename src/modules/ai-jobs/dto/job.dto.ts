import { ApiProperty, ApiPropertyOptional, OmitType } from '../../../infra/openapi/swagger.js';
import { Type } from 'class-transformer';
import { IsIn, IsObject, IsOptional, IsUrl, ValidateNested } from 'class-validator';
import { CompletionResponseDto } from '../../ai-providers/dto/completion/completion-response.dto.js';
import { CompletionRequestDto } from '../../ai-providers/dto/completion/completion.dto.js';
import { ErrorResponseDto } from '../../ai-providers/dto/error-response.dto.js';
import type { RequestPriority } from '../../ai-providers/interfaces/completion.interface.js';
import type { AIJob, JobStatus } from '../job.interface.js';

const STATUSES: readonly JobStatus[] = ['queued', 'active', 'completed', 'failed', 'cancelled'];
const PRIORITIES: readonly RequestPriority[] = ['high', 'normal', 'low'];

const time = (description?: string): PropertyDecorator =>
  ApiProperty({ type: String, format: 'date-time', nullable: true, description });

/** The URL that gets a message when a job has ended. */
export class JobWebhookDto {
  @ApiProperty({ format: 'uri', description: 'Gets the job as a signed message, see Standard Webhooks' })
  @IsUrl({ protocols: ['http', 'https'], require_protocol: true, require_tld: false })
  url!: string;
}

/** A completion request and what concerns the job beside it. */
export class JobRequestDto extends OmitType(CompletionRequestDto, ['stream'] as const) {
  @ApiPropertyOptional({ enum: [false], description: 'A job gives its answer whole' })
  @IsOptional()
  @IsIn([false], {
    message: 'stream must not be true: a job gives its answer whole; POST …/complete streams',
  })
  stream?: false;

  @ApiPropertyOptional({ type: JobWebhookDto })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => JobWebhookDto)
  webhook?: JobWebhookDto;
}

/** A completion that may wait. */
export class JobDto implements AIJob {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ enum: STATUSES })
  status!: JobStatus;

  @ApiProperty({ enum: PRIORITIES })
  priority!: RequestPriority;

  @ApiProperty({ description: 'Percent; a completion comes whole, so 0 until it has ended' })
  progress!: number;

  @ApiProperty({ type: 'integer', description: 'How often work on it has begun' })
  attempts!: number;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @time('When work on it last began')
  startedAt!: string | null;

  @time()
  finishedAt!: string | null;

  @time('From then on there is no such job')
  expiresAt!: string | null;

  @ApiProperty({ type: CompletionResponseDto, nullable: true, description: 'With the status completed' })
  result!: CompletionResponseDto | null;

  @ApiProperty({ type: ErrorResponseDto, nullable: true, description: 'With the status failed' })
  error!: ErrorResponseDto | null;
}
