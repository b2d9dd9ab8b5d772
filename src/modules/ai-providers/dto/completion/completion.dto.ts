import { ApiPropertyOptional } from '../../../../infra/openapi/swagger.js';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  MaxLength,
  MinLength,
  Validate,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import type {
  ProviderOptions,
  ReasoningOptions,
  RequestPriority,
} from '../../interfaces/completion.interface.js';
import type { ResponseFormat, ToolChoice } from '../../interfaces/message.interface.js';
import {
  IsCacheOption,
  IsPromptAlone,
  IsResponseFormat,
  IsStringMap,
  IsToolChoice,
  isPresent,
} from './completion.constraints.js';
import { ChatMessageDto, ToolDto } from './chat-message.dto.js';
import { EFFORTS, IsLogprobs, IsProviderOptions, IsReasoning } from '../validation/option.constraints.js';
import { Line, MAX_INT, OptionalInteger, OptionalNumber } from '../validation/field.decorators.js';

const PRIORITIES: readonly RequestPriority[] = ['high', 'normal', 'low'];

/** Turns of a conversation at most. */
export const MAX_MESSAGES = 10_000;

/** What a caller asks. Where it is silent the provider's configuration holds. */
export class CompletionRequestDto {
  @ApiPropertyOptional({ example: 'Explain microservices architecture', description: 'This or `messages`' })
  @ValidateIf(({ prompt, messages }: CompletionRequestDto) => isPresent(prompt) || !isPresent(messages))
  @Validate(IsPromptAlone)
  prompt?: string;

  @ApiPropertyOptional({ type: [ChatMessageDto], description: 'This or `prompt`' })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(MAX_MESSAGES)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ChatMessageDto)
  messages?: ChatMessageDto[];

  @ApiPropertyOptional({ example: 'You are a helpful software architect' })
  @IsOptional()
  @IsString()
  systemPrompt?: string;

  @OptionalNumber({ min: 0, max: 2, description: 'Randomness', example: 0.7 })
  temperature?: number;

  @OptionalInteger({ min: 1, max: MAX_INT, description: 'Tokens of the answer at most', example: 500 })
  maxTokens?: number;

  @OptionalNumber({ min: 0, max: 1, description: 'Nucleus sampling' })
  topP?: number;

  @OptionalInteger({ min: 1, max: MAX_INT, description: 'Sample from this many best tokens' })
  topK?: number;

  @OptionalNumber({ min: -2, max: 2, description: 'Penalty on frequent tokens' })
  frequencyPenalty?: number;

  @OptionalNumber({ min: -2, max: 2, description: 'Penalty on tokens present at all' })
  presencePenalty?: number;

  @ApiPropertyOptional({ type: [String] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @IsString({ each: true })
  @MinLength(1, { each: true })
  @MaxLength(500, { each: true })
  stopSequences?: string[];

  @OptionalInteger({ min: -MAX_INT, max: MAX_INT, description: 'For answers that can be had again' })
  seed?: number;

  @ApiPropertyOptional({ description: 'Answer with server-sent events' })
  @IsOptional()
  @IsBoolean()
  stream?: boolean;

  @ApiPropertyOptional({ format: 'uuid', description: 'Pins the request: that provider, no fallback' })
  @IsOptional()
  @IsUUID()
  providerId?: string;

  @Line({ maxLength: 200, optional: true, description: 'Only providers that serve this model' })
  model?: string;

  @ApiPropertyOptional({ type: [String], description: 'Models to try, in order, after `model`' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @IsString({ each: true })
  @MinLength(1, { each: true })
  @MaxLength(200, { each: true })
  fallbacks?: string[];

  @ApiPropertyOptional({ enum: PRIORITIES })
  @IsOptional()
  @IsIn(PRIORITIES)
  priority?: RequestPriority;

  @OptionalInteger({ min: 1, max: MAX_INT, description: 'Milliseconds for the whole request' })
  timeout?: number;

  @ApiPropertyOptional({
    oneOf: [
      { type: 'boolean', enum: [false] },
      { type: 'object', required: ['ttl'], properties: { ttl: { type: 'integer', minimum: 1 } } },
    ],
    description: 'false, or for how many seconds the answer is kept in the cache; else the service decides',
  })
  @IsOptional()
  @Validate(IsCacheOption)
  cache?: false | { ttl: number };

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Kept in the log',
  })
  @IsOptional()
  @Validate(IsStringMap)
  metadata?: Record<string, string>;

  @ApiPropertyOptional({ type: [ToolDto] })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(128)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ToolDto)
  tools?: ToolDto[];

  @ApiPropertyOptional({
    oneOf: [{ type: 'string', enum: ['auto', 'none', 'required'] }, { type: 'object' }],
  })
  @IsOptional()
  @Validate(IsToolChoice)
  toolChoice?: ToolChoice;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'text, json or json_schema',
  })
  @IsOptional()
  @Validate(IsResponseFormat)
  responseFormat?: ResponseFormat;

  @ApiPropertyOptional({ description: 'False: one tool call at a time' })
  @IsOptional()
  @IsBoolean()
  parallelToolCalls?: boolean;

  @ApiPropertyOptional({
    oneOf: [{ type: 'boolean' }, { type: 'integer', minimum: 0, maximum: 20 }],
    description: 'Tell how likely each token was, with so many alternatives',
  })
  @IsOptional()
  @Validate(IsLogprobs)
  logprobs?: boolean | number;

  @ApiPropertyOptional({
    type: 'object',
    properties: {
      effort: { type: 'string', enum: [...EFFORTS] },
      maxTokens: { type: 'integer', minimum: 1 },
      exclude: { type: 'boolean' },
    },
    description: 'How much the model may think; exclude: its reasoning is not handed out',
  })
  @IsOptional()
  @Validate(IsReasoning)
  reasoning?: ReasoningOptions;

  @Line({
    maxLength: 512,
    optional: true,
    description: 'What belongs together for the vendor’s prompt cache',
  })
  sessionId?: string;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'openai, anthropic, google: fields that go to that vendor as they are',
  })
  @IsOptional()
  @Validate(IsProviderOptions)
  providerOptions?: ProviderOptions;

  @Line({ maxLength: 200, optional: true, description: 'The end user’s opaque id' })
  user?: string;
}
