import { Catch } from '@nestjs/common';
import { errorBodyAt } from './http-edge.js';
import { AIErrorFilter } from './modules/ai-providers/ai-error.filter.js';
import type { AIError } from './modules/ai-providers/errors/ai.error.js';

/** Answers what fails before a controller has the request: an unknown path, a body that is no JSON. */
@Catch()
export class EdgeErrorFilter extends AIErrorFilter {
  protected override bodyOf(error: AIError, requestId: string, url: string): object {
    return errorBodyAt(url, error, requestId);
  }
}
