import { assertBodyIsPlain } from '../validation/body-shape.js';
import { CompletionRequestDto } from './completion.dto.js';
import { assertMatches } from '../validation/validation.pipe.js';

/**
 * The body of a completion, checked as the API's pipe checks the others; pipes of a host application do not see it.
 * These come thousands of times a second: they go without the promises that Nest makes to send a body through its pipes.
 * @throws AIError `VALIDATION_FAILED`
 */
export function completionBody(body: unknown): CompletionRequestDto {
  assertBodyIsPlain(body);
  assertMatches(CompletionRequestDto, body);
  return body;
}
