import { applyDecorators } from '@nestjs/common';
import {
  ApiHideProperty,
  ApiProperty,
  ApiPropertyOptional,
  type ApiPropertyOptions,
} from '../../../../infra/openapi/swagger.js';
import {
  IsIn,
  IsInt,
  IsNumber,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidatorConstraint,
  type ValidatorConstraintInterface,
} from 'class-validator';

/** Largest value of PostgreSQL's `integer`, and the longest delay Node's timers keep. */
export const MAX_INT = 2_147_483_647;

interface NumberBounds {
  min: number;
  max: number;
  description: string;
  example?: number;
}

/** A number within bounds that may be left out or null. */
export function OptionalNumber({ min, max, description, example }: NumberBounds): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ type: Number, minimum: min, maximum: max, nullable: true, description, example }),
    IsOptional(),
    IsNumber({ allowNaN: false, allowInfinity: false }),
    Min(min),
    Max(max),
  );
}

/** A whole number within bounds that may be left out or null. */
export function OptionalInteger({ min, max, description, example }: NumberBounds): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      type: 'integer',
      minimum: min,
      maximum: max,
      nullable: true,
      description,
      example,
    }),
    IsOptional(),
    IsInt(),
    Min(min),
    Max(max),
  );
}

interface TextOptions {
  maxLength: number;
  description: string;
  example?: string;
  optional?: boolean;
}

/** One line of text: not empty, without control characters. */
export function Line({ maxLength, description, example, optional }: TextOptions): PropertyDecorator {
  const options: ApiPropertyOptions = { type: String, minLength: 1, maxLength, description, example };
  return applyDecorators(
    optional ? ApiPropertyOptional({ ...options, nullable: true }) : ApiProperty(options),
    ...(optional ? [IsOptional()] : []),
    IsString(),
    MinLength(1),
    MaxLength(maxLength),
    Matches(/^\P{Cc}*$/u, { message: '$property must not contain control characters' }),
    Matches(/\S/, { message: '$property must not be blank' }),
  );
}

/** A field of an answer that is taken back and ignored, whatever it is. */
export function IgnoredOnPut(): PropertyDecorator {
  return applyDecorators(ApiHideProperty(), IsOptional());
}

/** An object of texts, or a list of names. */
@ValidatorConstraint()
export class NamesOrValues implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (Array.isArray(value)) return value.length <= 100 && value.every((name) => typeof name === 'string');
    return typeof value === 'object' && value !== null;
  }

  defaultMessage(): string {
    return '$property must be an object of texts or a list of names';
  }
}

const FLAGS = ['true', 'false'] as const;

/** A yes or no of a query, where everything is text. */
export type Flag = (typeof FLAGS)[number];

/** A `Flag` that may be left out. */
export function OptionalFlag(description?: string): PropertyDecorator {
  return applyDecorators(ApiPropertyOptional({ enum: [...FLAGS], description }), IsOptional(), IsIn(FLAGS));
}
