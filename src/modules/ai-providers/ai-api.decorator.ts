import { applyDecorators, Controller, UseFilters, UseGuards, UsePipes, type Type } from '@nestjs/common';
import { ApiBearerAuth, ApiSecurity, ApiTags } from '../../infra/openapi/swagger.js';
import { AccessGuard } from '../../access/access.guard.js';
import { JsonBodyGuard } from '../../infra/http-server/json-body.guard.js';
import { AIErrorFilter } from './ai-error.filter.js';
import { FailsWith } from './dto/error-response.dto.js';
import { DtoValidationPipe } from './dto/validation/validation.pipe.js';

/** A controller of the APIs: it authenticates, validates and answers errors alike in every host application. */
export function AIApi(
  path: string,
  tag: string,
  filter: Type<AIErrorFilter> = AIErrorFilter,
): ClassDecorator {
  return applyDecorators(
    Controller(path),
    UseGuards(AccessGuard, JsonBodyGuard),
    UsePipes(new DtoValidationPipe()),
    UseFilters(filter),
    ApiTags(tag),
    ApiBearerAuth(),
    ApiSecurity('x-api-key'),
    ApiSecurity('x-goog-api-key'),
    // Another filter answers in another form, which its own API describes.
    ...(filter === AIErrorFilter ? [FailsWith('UNAUTHENTICATED', 'FORBIDDEN', 'INTERNAL')] : []),
  );
}
