import { ApiProperty, ApiPropertyOptional } from '../../../../infra/openapi/swagger.js';
import type { AIProviderType } from '../../interfaces/ai-provider.interface.js';
import type {
  CompletionResponse,
  CompletionWarning,
  FinishReason,
} from '../../interfaces/completion.interface.js';
import type { JsonFields, ProviderData, ToolCall } from '../../interfaces/message.interface.js';
import { AttemptDto, CostDto, TokenUsageDto } from './attempt.dto.js';
import { AI_PROVIDER_TYPES } from '../ai-provider.dto.js';
import { FINISH_REASONS } from './completion.words.js';

/** A tool the model asked for. */
export class ToolCallDto implements ToolCall {
  @ApiProperty()
  id!: string;

  @ApiProperty()
  name!: string;

  @ApiProperty({ description: 'The text of a JSON object, as the model wrote it; {} where it wrote none' })
  arguments!: string;

  @ApiPropertyOptional({ enum: [true], description: 'A custom tool of OpenAI’s: `arguments` is any text' })
  custom?: true;
}

/** A field that the vendor did not get as asked. */
export class CompletionWarningDto implements CompletionWarning {
  @ApiProperty({ example: 'temperature' })
  field!: string;

  @ApiProperty({ enum: ['narrowed', 'ignored'] })
  action!: CompletionWarning['action'];

  @ApiProperty()
  detail!: string;
}

const openFields = ApiPropertyOptional({ type: 'object', additionalProperties: true });

/** A whole answer. */
export class CompletionResponseDto implements CompletionResponse {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty()
  content!: string;

  @ApiPropertyOptional({ description: 'The model’s visible reasoning, where the vendor gives it' })
  reasoning?: string;

  @ApiProperty({ enum: FINISH_REASONS })
  finishReason!: FinishReason;

  @ApiProperty({ type: String, nullable: true, description: 'The vendor’s own word' })
  rawFinishReason!: string | null;

  @ApiProperty()
  model!: string;

  @ApiProperty({ format: 'uuid' })
  providerId!: string;

  @ApiProperty()
  providerName!: string;

  @ApiProperty({ enum: AI_PROVIDER_TYPES })
  providerType!: AIProviderType;

  @ApiProperty({ type: TokenUsageDto })
  usage!: TokenUsageDto;

  @ApiProperty({
    type: CostDto,
    nullable: true,
    description: 'null where nobody named a price, or the usage is unknown',
  })
  cost!: CostDto | null;

  @ApiProperty({ description: 'Milliseconds for the whole request' })
  latency!: number;

  @ApiProperty()
  cached!: boolean;

  @ApiProperty({ type: [AttemptDto] })
  attempts!: AttemptDto[];

  @ApiProperty({ type: [CompletionWarningDto], description: 'What the vendor did not get as asked' })
  warnings!: CompletionWarningDto[];

  @ApiPropertyOptional({ type: [ToolCallDto] })
  toolCalls?: ToolCallDto[];

  @ApiPropertyOptional({
    description: 'The model’s own words for not answering; content is what it said besides',
  })
  refusal?: string;

  @openFields
  logprobs?: JsonFields;

  @openFields
  providerData?: ProviderData;

  @openFields
  openaiFields?: JsonFields;
}
