import { ApiProperty, ApiPropertyOptional, OmitType } from '../../../../infra/openapi/swagger.js';
import type { AIProviderType } from '../../interfaces/ai-provider.interface.js';
import type { Attempt, SkipReason, TimeoutPhase } from '../../interfaces/attempt.interface.js';
import type {
  CompletionDelta,
  CompletionEnd,
  CompletionResponse,
  CompletionWarning,
  FinishReason,
  ToolCallDelta,
} from '../../interfaces/completion.interface.js';
import type { JsonFields, ProviderData, ToolCall } from '../../interfaces/message.interface.js';
import type { Cost, PriceSource, TokenUsage } from '../../interfaces/usage.interface.js';
import { AI_PROVIDER_TYPES } from '../ai-provider.dto.js';
import {
  FINISH_REASONS,
  OUTCOMES,
  PHASES,
  PRICE_SOURCES,
  SKIP_REASONS,
  USAGE_SOURCES,
} from './completion.words.js';

const optionalCount = ApiProperty({ type: 'integer', nullable: true, description: 'null: not known' });

/** Tokens of an answer. */
export class TokenUsageDto implements TokenUsage {
  @optionalCount
  promptTokens!: number | null;

  @optionalCount
  completionTokens!: number | null;

  @optionalCount
  totalTokens!: number | null;

  @ApiPropertyOptional({ type: 'integer', description: 'Part of promptTokens read from the vendor’s cache' })
  cachedPromptTokens?: number;

  @ApiPropertyOptional({ type: 'integer', description: 'Part of promptTokens written to that cache' })
  cacheWriteTokens?: number;

  @ApiPropertyOptional({ type: 'integer', description: 'Part of cacheWriteTokens written for an hour' })
  cacheWrite1hTokens?: number;

  @ApiPropertyOptional({ type: 'integer', description: 'Part of completionTokens spent on reasoning' })
  reasoningTokens?: number;

  @ApiProperty({ enum: USAGE_SOURCES })
  source!: TokenUsage['source'];
}

/** What an answer cost by the provider's pricing, or by the catalogue of public prices: parts that share no token. */
export class CostDto implements Cost {
  @ApiProperty({ description: 'Prompt tokens neither read from the vendor’s cache nor written to it' })
  input!: number;

  @ApiPropertyOptional({ description: 'Where prompt tokens were read from the vendor’s cache' })
  cachedInput?: number;

  @ApiPropertyOptional({ description: 'Where prompt tokens were written to that cache' })
  cacheWrite?: number;

  @ApiProperty()
  output!: number;

  @ApiProperty({ description: 'All of it' })
  total!: number;

  @ApiProperty({ example: 'USD' })
  currency!: string;

  @ApiProperty({ enum: PRICE_SOURCES })
  source!: PriceSource;
}

/** One provider that was asked, or passed over. */
export class AttemptDto implements Attempt {
  @ApiProperty({ format: 'uuid' })
  providerId!: string;

  @ApiProperty()
  providerName!: string;

  @ApiProperty()
  model!: string;

  @ApiProperty({ enum: OUTCOMES })
  outcome!: Attempt['outcome'];

  @ApiProperty({ description: 'Milliseconds' })
  latency!: number;

  @ApiPropertyOptional({ type: 'integer', description: 'The vendor’s HTTP status' })
  status?: number;

  @ApiPropertyOptional()
  reason?: string;

  @ApiPropertyOptional({ enum: SKIP_REASONS, description: 'With the outcome skipped' })
  skipped?: SkipReason;

  @ApiPropertyOptional({ description: 'With lacks_feature: the field; `reason` says why' })
  field?: string;

  @ApiPropertyOptional({ enum: PHASES, description: 'With the outcome timeout' })
  phase?: TimeoutPhase;

  @ApiPropertyOptional({ type: TokenUsageDto, description: 'What a failed try used' })
  usage?: TokenUsageDto;
}

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

/** A fragment of a tool call. */
export class ToolCallDeltaDto implements ToolCallDelta {
  @ApiProperty({ type: 'integer', description: '0, 1, 2 … in order of opening' })
  index!: number;

  @ApiPropertyOptional({ description: 'With the first fragment of an index' })
  id?: string;

  @ApiPropertyOptional({ description: 'With the first fragment of an index' })
  name?: string;

  @ApiProperty()
  arguments!: string;

  @ApiPropertyOptional({ enum: [true] })
  custom?: true;
}

/** A piece of a streamed answer. */
export class CompletionDeltaDto implements Omit<CompletionDelta, 'model'> {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty()
  content!: string;

  @ApiProperty({ enum: [false] })
  done!: false;

  @ApiPropertyOptional()
  reasoning?: string;

  @ApiPropertyOptional()
  refusal?: string;

  @ApiPropertyOptional({ type: ToolCallDeltaDto })
  toolCallDelta?: ToolCallDeltaDto;

  @openFields
  logprobs?: JsonFields;

  @openFields
  providerData?: ProviderData;
}

/** The last piece of a streamed answer, with its whole account. */
export class CompletionEndDto
  extends OmitType(CompletionResponseDto, ['content', 'reasoning'] as const)
  implements CompletionEnd
{
  @ApiProperty({ enum: [''] })
  content!: '';

  @ApiProperty({ enum: [true] })
  done!: true;

  @ApiPropertyOptional({ enum: [true], description: 'The stream was cut and went on from another try' })
  recovered?: true;
}
