import { ParseUUIDPipe, ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';
import { AIError } from '../errors/ai.error.js';
import { assertBodyIsPlain } from './body-shape.js';

/** What class-validator is told of every body and query. */
export const VALIDATION = {
  whitelist: true,
  forbidNonWhitelisted: true,
  forbidUnknownValues: true,
  stopAtFirstError: true,
  validationError: { target: false, value: false },
} as const;

/** Checks a body or query against its DTO; what is wrong is said field by field, and unknown fields are wrong. */
class DtoValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      ...VALIDATION,
      exceptionFactory: (errors) => validationFailed(errors.flatMap((error) => problemsOf(error, ''))),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'body') assertBodyIsPlain(value);
    return super.transform(value, metadata);
  }
}

/** The pipe that every door of ours validates with. */
export function dtoValidation(): ValidationPipe {
  return new DtoValidationPipe();
}

/** A path parameter that is a UUID, in whatever case (RFC 9562 §4); ours are written in lower case. */
class UuidParamPipe extends ParseUUIDPipe {
  override async transform(value: string, metadata: ArgumentMetadata): Promise<string> {
    return (await super.transform(value, metadata))?.toLowerCase() ?? value;
  }
}

/** The pipe of a path parameter that is a UUID. */
export function uuidParam(name: string): ParseUUIDPipe {
  return new UuidParamPipe({ exceptionFactory: () => validationFailed([`${name} must be a UUID`]) });
}

function validationFailed(problems: string[]): AIError {
  return new AIError('VALIDATION_FAILED', problems.join('; '), { problems });
}

function problemsOf({ property, constraints, children }: ValidationError, path: string): string[] {
  const where = path === '' ? property : `${path}.${property}`;
  const own = Object.entries(constraints ?? {}).map(([name, text]) => {
    if (name === 'whitelistValidation') return `${where} is not a known field`;
    return text.startsWith(property) ? where + text.slice(property.length) : `${where}: ${text}`;
  });
  return [...own, ...(children ?? []).flatMap((child) => problemsOf(child, where))];
}
