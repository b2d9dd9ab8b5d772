import { ApiProperty } from '../../../../infra/openapi/swagger.js';
import type { AIProviderType, AIProviderView, CircuitState } from '../../interfaces/ai-provider.interface.js';
import { AI_PROVIDER_TYPES, RateLimitDto } from '../ai-provider.dto.js';
import { PricingDto } from './pricing.dto.js';

export const CIRCUIT_STATES: readonly CircuitState[] = ['CLOSED', 'OPEN', 'HALF_OPEN'];

const milliseconds = (description: string): PropertyDecorator =>
  ApiProperty({ type: 'integer', description: `Milliseconds: ${description}` });
const optionalNumber = ApiProperty({ type: Number, nullable: true });
const optionalInteger = ApiProperty({ type: 'integer', nullable: true });

/** A provider as every response shows it: all that was set, and never its key. */
export class AIProviderResponseDto implements AIProviderView {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty({ example: 'OpenAI GPT-4' })
  name!: string;

  @ApiProperty({ enum: AI_PROVIDER_TYPES })
  type!: AIProviderType;

  @ApiProperty({
    type: String,
    nullable: true,
    example: '…abcd',
    description: 'End of the key, if it has one',
  })
  apiKeyHint!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'null: the vendor’s own' })
  endpoint!: string | null;

  @ApiProperty({ example: 'bearer', description: 'How the key is sent' })
  authHeader!: string;

  @ApiProperty({ type: [String], description: 'Names of further headers' })
  headers!: string[];

  @ApiProperty({ example: 'gpt-4' })
  model!: string;

  @optionalInteger
  maxTokens!: number | null;

  @optionalNumber
  temperature!: number | null;

  @optionalNumber
  topP!: number | null;

  @optionalInteger
  topK!: number | null;

  @optionalNumber
  frequencyPenalty!: number | null;

  @optionalNumber
  presencePenalty!: number | null;

  @ApiProperty({ type: [String], nullable: true })
  stopSequences!: string[] | null;

  @milliseconds('a whole attempt')
  timeout!: number;

  @milliseconds('to connect')
  connectTimeout!: number;

  @milliseconds('a stream’s first content, while another provider is left')
  firstTokenTimeout!: number;

  @milliseconds('between two events of a stream')
  idleTimeout!: number;

  @ApiProperty({ type: 'integer', description: 'Tries on this provider, the first included' })
  retryAttempts!: number;

  @milliseconds('before the first retry, at most')
  retryDelay!: number;

  @ApiProperty({ type: RateLimitDto, nullable: true })
  rateLimit!: RateLimitDto | null;

  @ApiProperty({ type: 'integer', nullable: true, description: 'Requests in flight at once at most' })
  maxConcurrency!: number | null;

  @ApiProperty({ type: PricingDto, nullable: true })
  pricing!: PricingDto | null;

  @ApiProperty({ type: 'integer', description: 'Higher is asked first' })
  priority!: number;

  @ApiProperty()
  weight!: number;

  @ApiProperty()
  supportsPrefill!: boolean;

  @optionalInteger
  contextWindow!: number | null;

  @ApiProperty()
  isActive!: boolean;

  @ApiProperty({ enum: CIRCUIT_STATES })
  circuitState!: CircuitState;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when the vendor has asked to be left alone',
  })
  cooldownUntil!: string | null;

  @ApiProperty({ type: 'integer', description: 'For `If-Match`; grows with every change' })
  revision!: number;

  @ApiProperty({ format: 'date-time' })
  createdAt!: string;

  @ApiProperty({ format: 'date-time' })
  updatedAt!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When its key was erased for good; it is in no list unless `includePurged`',
  })
  purgedAt!: string | null;
}
