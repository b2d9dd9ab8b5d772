import { ApiProperty, ApiPropertyOptional } from '../../../../infra/openapi/swagger.js';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsISO4217CurrencyCode,
  IsInt,
  IsNumber,
  IsOptional,
  Matches,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { MAX_INT, OptionalNumber } from '../validation/field.decorators.js';

/** At most, as the prices of a provider; dearer ones are a slip. */
const MAX_PRICE = 1_000_000;

const optionalPrice = (description: string): PropertyDecorator =>
  OptionalNumber({ min: 0, max: MAX_PRICE, description });

/** Prices of 1,000 tokens. */
export class TokenPricesDto {
  @ApiProperty({ minimum: 0, example: 0.03, description: 'Cost of 1,000 tokens of the prompt' })
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  @Max(MAX_PRICE)
  inputTokenCost!: number;

  @ApiProperty({ minimum: 0, example: 0.06, description: 'Cost of 1,000 tokens of the answer' })
  @IsNumber({ allowNaN: false, allowInfinity: false })
  @Min(0)
  @Max(MAX_PRICE)
  outputTokenCost!: number;

  @optionalPrice('Of the prompt’s tokens those read from the vendor’s cache; as input unless said')
  cachedInputTokenCost?: number;

  @optionalPrice('Of the prompt’s tokens those written to that cache; as input unless said')
  cacheWriteTokenCost?: number;

  @optionalPrice('Those written to it for an hour; as `cacheWriteTokenCost` unless said')
  cacheWrite1hTokenCost?: number;
}

/** The prices of a whole request whose prompt is longer than that. */
export class PriceTierDto extends TokenPricesDto {
  @ApiProperty({ type: 'integer', minimum: 0, example: 200000, description: 'Cached tokens are counted too' })
  @IsInt()
  @Min(0)
  @Max(MAX_INT)
  abovePromptTokens!: number;
}

/** What 1,000 tokens cost. */
export class PricingDto extends TokenPricesDto {
  @ApiProperty({ example: 'USD', description: 'ISO 4217' })
  @Matches(/^[A-Z]{3}$/, { message: 'currency must be an ISO 4217 code' })
  @IsISO4217CurrencyCode()
  currency!: string;

  @ApiPropertyOptional({ type: [PriceTierDto], nullable: true, description: 'Other prices for long prompts' })
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(10)
  @ArrayUnique((tier: Partial<PriceTierDto>) => tier.abovePromptTokens ?? tier, {
    message: 'each tier of tiers must have an abovePromptTokens of its own',
  })
  @ValidateNested({ each: true })
  @Type(() => PriceTierDto)
  tiers?: PriceTierDto[];
}
