import { assertBodyIsPlain } from './body-shape.js';
import { compileCheck } from './compiled-check.js';
import { CompletionRequestDto } from './completion.dto.js';
import { dtoValidation } from './validation.pipe.js';

const isCompletion = compileCheck(CompletionRequestDto);
const validation = dtoValidation();

/**
 * The body of a completion, checked as the door's pipe checks the others; pipes of a host application do not see it. These
 * come thousands of times a second: they are asked of the compiled check first, without the promises that Nest makes to
 * send a body through its pipes.
 * The promise rejects with `AIError` `VALIDATION_FAILED`, which is thrown for a body that is no plain object.
 */
export function completionBody(body: unknown): CompletionRequestDto | Promise<CompletionRequestDto> {
  assertBodyIsPlain(body);
  if (isCompletion(body)) return body;
  const metadata = { type: 'body', metatype: CompletionRequestDto } as const;
  return validation.transform(body, metadata);
}
