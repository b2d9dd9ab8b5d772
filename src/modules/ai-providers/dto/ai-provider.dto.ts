import { ApiProperty, ApiPropertyOptional, OmitType, PartialType } from '../../../infra/openapi/swagger.js';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  Validate,
  ValidateNested,
} from 'class-validator';
import { PricingDto } from './provider/pricing.dto.js';
import type { AIProviderType } from '../interfaces/ai-provider.interface.js';
import {
  IgnoredOnPut,
  Line,
  MAX_INT,
  NamesOrValues,
  OptionalInteger,
  OptionalNumber,
} from './validation/field.decorators.js';

export const AI_PROVIDER_TYPES: readonly AIProviderType[] = ['OPENAI', 'ANTHROPIC', 'GOOGLE', 'CUSTOM'];

/** Limits a vendor grants, enforced before a request is sent. */
export class RateLimitDto {
  @ApiProperty({ type: 'integer', minimum: 1, example: 60 })
  @IsInt()
  @Min(1)
  @Max(MAX_INT)
  requestsPerMinute!: number;

  @ApiProperty({ type: 'integer', minimum: 1, example: 90000 })
  @IsInt()
  @Min(1)
  @Max(MAX_INT)
  tokensPerMinute!: number;
}

/** What registering a provider takes. */
export class CreateAIProviderDto {
  @Line({ maxLength: 200, description: 'Display name', example: 'OpenAI GPT-4' })
  name!: string;

  @ApiProperty({ enum: AI_PROVIDER_TYPES, example: 'OPENAI' })
  @IsIn(AI_PROVIDER_TYPES)
  type!: AIProviderType;

  @Line({
    maxLength: 4096,
    optional: true,
    description:
      'The vendor’s key; stored encrypted, never returned. Only CUSTOM goes without, and a vendor’s own host where the vendor’s variable is set',
    example: 'sk-...',
  })
  apiKey?: string | null;

  @Line({
    maxLength: 2048,
    optional: true,
    description:
      'Base URL, http or https; a query such as `?api-version=` goes with each call. CUSTOM needs it; for the others it replaces the vendor’s own',
    example: 'https://llm.example.com/v1',
  })
  endpoint?: string | null;

  @Line({
    maxLength: 100,
    optional: true,
    description:
      'How the key is sent: `bearer` unless said, or the name of a header, such as Azure’s `api-key`. CUSTOM, and OPENAI with an endpoint',
    example: 'bearer',
  })
  authHeader?: string | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    nullable: true,
    description: 'Further headers of each call, stored encrypted like the key; answers name them alone',
    example: { 'OpenAI-Organization': 'org-1' },
  })
  @IsOptional()
  @IsObject()
  headers?: Record<string, string> | null;

  @Line({ maxLength: 200, description: 'The vendor’s name of the model', example: 'gpt-4' })
  model!: string;

  @OptionalInteger({
    min: 1,
    max: MAX_INT,
    description: 'Tokens of an answer at most; not sent unless said here or by the caller',
    example: 2000,
  })
  maxTokens?: number | null;

  @OptionalNumber({
    min: 0,
    max: 2,
    description: 'Randomness; not sent unless said here or by the caller',
    example: 0.7,
  })
  temperature?: number | null;

  @OptionalNumber({ min: 0, max: 1, description: 'Nucleus sampling' })
  topP?: number | null;

  @OptionalInteger({ min: 1, max: MAX_INT, description: 'Sample from this many best tokens' })
  topK?: number | null;

  @OptionalNumber({ min: -2, max: 2, description: 'Penalty on frequent tokens' })
  frequencyPenalty?: number | null;

  @OptionalNumber({ min: -2, max: 2, description: 'Penalty on tokens present at all' })
  presencePenalty?: number | null;

  @ApiPropertyOptional({ type: [String], nullable: true, description: 'Texts that end the answer' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(16)
  @IsString({ each: true })
  @MinLength(1, { each: true })
  @MaxLength(500, { each: true })
  stopSequences?: string[] | null;

  @OptionalInteger({
    min: 1,
    max: MAX_INT,
    description: 'Milliseconds for a whole attempt; 600000 unless said',
  })
  timeout?: number | null;

  @OptionalInteger({ min: 1, max: MAX_INT, description: 'Milliseconds to connect; 5000 unless said' })
  connectTimeout?: number | null;

  @OptionalInteger({
    min: 1,
    max: MAX_INT,
    description:
      'Streams: milliseconds to the first content while another provider is left; 12000 unless said, 300000 for a model that may think',
  })
  firstTokenTimeout?: number | null;

  @OptionalInteger({
    min: 1,
    max: MAX_INT,
    description: 'Streams: milliseconds between events; 15000 unless said, 300000 for a model that may think',
  })
  idleTimeout?: number | null;

  @OptionalInteger({
    min: 0,
    max: 10,
    description: 'Tries on this provider, the first included; 3 unless said',
  })
  retryAttempts?: number | null;

  @OptionalInteger({
    min: 0,
    max: MAX_INT,
    description: 'Milliseconds before the first retry; 1000 unless said',
  })
  retryDelay?: number | null;

  @ApiPropertyOptional({ type: RateLimitDto, nullable: true })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RateLimitDto)
  rateLimit?: RateLimitDto | null;

  @OptionalInteger({ min: 1, max: MAX_INT, description: 'Requests in flight at once at most' })
  maxConcurrency?: number | null;

  @ApiPropertyOptional({ type: PricingDto, nullable: true })
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => PricingDto)
  pricing?: PricingDto | null;

  @OptionalInteger({
    min: -MAX_INT,
    max: MAX_INT,
    description: 'Higher is asked first; 0 unless said',
    example: 10,
  })
  priority?: number | null;

  @OptionalNumber({
    min: 0,
    max: 1_000_000,
    description: 'Share among equals under `weighted`; 1 unless said',
  })
  weight?: number | null;

  @ApiPropertyOptional({ type: Boolean, nullable: true, description: 'The model continues a partial answer' })
  @IsOptional()
  @IsBoolean()
  supportsPrefill?: boolean | null;

  @OptionalInteger({
    min: 1,
    max: MAX_INT,
    description: 'Tokens of prompt and answer together at most, if known',
  })
  contextWindow?: number | null;

  @ApiPropertyOptional({ type: Boolean, nullable: true, description: 'true unless said' })
  @IsOptional()
  @IsBoolean()
  isActive?: boolean | null;
}

/**
 * What changing a provider takes: only the given fields change, null puts an optional one back to its default. What an
 * answer holds besides is ignored, so that it can be sent back.
 */
export class UpdateAIProviderDto extends PartialType(OmitType(CreateAIProviderDto, ['headers'])) {
  @ApiPropertyOptional({
    oneOf: [
      { type: 'object', additionalProperties: { type: 'string' } },
      { type: 'array', items: { type: 'string' } },
    ],
    nullable: true,
    description: 'An object takes the place of all; a list names those that stay, as answers do',
  })
  @IsOptional()
  @Validate(NamesOrValues)
  headers?: Record<string, string> | string[] | null;

  @IgnoredOnPut()
  id?: unknown;

  @IgnoredOnPut()
  apiKeyHint?: unknown;

  @IgnoredOnPut()
  circuitState?: unknown;

  @IgnoredOnPut()
  cooldownUntil?: unknown;

  @IgnoredOnPut()
  revision?: unknown;

  @IgnoredOnPut()
  createdAt?: unknown;

  @IgnoredOnPut()
  updatedAt?: unknown;

  @IgnoredOnPut()
  purgedAt?: unknown;
}
