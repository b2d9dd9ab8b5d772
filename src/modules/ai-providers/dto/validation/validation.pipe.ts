import {
  Injectable,
  ParseUUIDPipe,
  type ArgumentMetadata,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { fieldProblem, validationFailed } from '../../errors/field-problem.js';
import { assertBodyIsPlain } from './body-shape.js';
import { compileCheck, type CompiledCheck } from './compiled-check.js';

/** What Nest says of a parameter that is declared as no class of ours. */
const BUILT_IN: readonly unknown[] = [undefined, String, Number, Boolean, Array, Object];

const checks = new Map<Type<object>, CompiledCheck>();

/** Checks a body or query against its DTO; what is wrong is said field by field, and unknown fields are wrong. */
@Injectable()
export class DtoValidationPipe implements PipeTransform {
  /** @throws AIError `VALIDATION_FAILED` */
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if (type === 'body') assertBodyIsPlain(value);
    if ((type !== 'body' && type !== 'query') || BUILT_IN.includes(metatype)) return value;
    assertMatches(metatype as Type<object>, value ?? {});
    return value ?? {};
  }
}

/** @throws AIError `VALIDATION_FAILED` where the fields are not as `dto` describes them. */
export function assertMatches(dto: Type<object>, fields: object): void {
  const check = checks.get(dto) ?? compileCheck(dto);
  checks.set(dto, check);
  if (!check.holds(fields)) throw validationFailed(check.problemsOf(fields));
}

/** A path parameter that is a UUID, in whatever case (RFC 9562 §4); ours are written in lower case. */
class UuidParamPipe extends ParseUUIDPipe {
  override async transform(value: string, metadata: ArgumentMetadata): Promise<string> {
    return (await super.transform(value, metadata))?.toLowerCase() ?? value;
  }
}

/** The pipe of a path parameter that is a UUID. */
export function uuidParam(name: string): ParseUUIDPipe {
  return new UuidParamPipe({
    exceptionFactory: () => validationFailed([fieldProblem(`${name} must be a UUID`)]),
  });
}
