import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '../../../../infra/openapi/swagger.js';
import { CompletionDeltaDto, CompletionEndDto } from './completion-chunk.dto.js';
import { CompletionResponseDto } from './completion-response.dto.js';
import { FailsWith } from '../error-response.dto.js';

const STREAM_EXAMPLE = [
  'data: {"id":"…","content":"Hel","done":false}',
  'data: {"id":"…","content":"lo","done":false}',
  'data: {"id":"…","content":"","done":true,"finishReason":"stop","usage":{},"attempts":[]}',
  'data: [DONE]',
]
  .map((line) => `${line}\n\n`)
  .join('');

/** Documents both forms of a completion's answer and all its failures. */
export function AnswersCompletion(): MethodDecorator {
  return applyDecorators(
    ApiExtraModels(CompletionResponseDto, CompletionDeltaDto, CompletionEndDto),
    ApiResponse({
      status: 200,
      description:
        'JSON; with `stream: true` server-sent events. Each event’s data is of the schema given; `data: [DONE]` ' +
        'follows the last one. A stream that was cut and could not be recovered ends with `event: error` and the ' +
        'error’s body as data instead. Lines that begin with a colon keep an idle stream alive.',
      content: {
        'application/json': { schema: { $ref: getSchemaPath(CompletionResponseDto) } },
        'text/event-stream': {
          schema: {
            oneOf: [{ $ref: getSchemaPath(CompletionDeltaDto) }, { $ref: getSchemaPath(CompletionEndDto) }],
          },
          example: STREAM_EXAMPLE,
        },
      },
    }),
    FailsWith(
      'VALIDATION_FAILED',
      'UNSUPPORTED_REQUEST',
      'UPSTREAM_REJECTED_REQUEST',
      'PROVIDER_NOT_FOUND',
      'PROVIDER_INACTIVE',
      'PAYLOAD_TOO_LARGE',
      'UNSUPPORTED_MEDIA_TYPE',
      'RATE_LIMITED',
      'ALL_PROVIDERS_FAILED',
      'NO_PROVIDER_AVAILABLE',
      'OVERLOADED',
      'SHUTTING_DOWN',
      'DEADLINE_EXCEEDED',
    ),
  );
}
