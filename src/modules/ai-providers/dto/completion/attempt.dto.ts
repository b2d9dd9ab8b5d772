import { ApiProperty, ApiPropertyOptional } from '../../../../infra/openapi/swagger.js';
import type { Attempt, SkipReason, TimeoutPhase } from '../../interfaces/attempt.interface.js';
import type { Cost, PriceSource, TokenUsage } from '../../interfaces/usage.interface.js';
import { OUTCOMES, PHASES, PRICE_SOURCES, SKIP_REASONS, USAGE_SOURCES } from './completion.words.js';

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
