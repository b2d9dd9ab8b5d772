import { applyDecorators } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  getSchemaPath,
} from '../../../infra/openapi/swagger.js';
import { AI_ERROR_STATUS } from '../errors/ai.error.js';
import type { HttpErrorBody } from '../errors/to-http-error.js';
import type { AIErrorCode } from '../interfaces/error-code.interface.js';
import type { FieldProblem } from '../interfaces/field-problem.interface.js';
import { AttemptDto } from './completion/attempt.dto.js';

/** When a caller meets each code; the text of the description's responses. */
const MEANING: Readonly<Record<AIErrorCode, string>> = {
  VALIDATION_FAILED: 'The body, query or path is not of the form; `message` names each field',
  UNSUPPORTED_REQUEST: 'No provider can express what is asked; `field` names it',
  UPSTREAM_REJECTED_REQUEST: 'The vendor says that the request itself is wrong',
  UNAUTHENTICATED: 'No valid key was sent',
  FORBIDDEN: 'The role of the key may not do that',
  NOT_FOUND: 'There is no such path',
  PROVIDER_NOT_FOUND: 'There is no such provider',
  MODEL_NOT_FOUND: 'No provider serves such a model',
  JOB_NOT_FOUND: 'There is no such job, not any more, or it is another caller’s',
  METHOD_NOT_ALLOWED: 'The path knows no such method',
  REQUEST_TIMEOUT: 'The request took too long to arrive',
  PROVIDER_INACTIVE: 'The provider that the request names is deactivated',
  PROVIDER_CHANGED: 'The provider is not at the revision that `If-Match` names: read it again',
  PAYLOAD_TOO_LARGE: 'The body is larger than this service takes',
  UNSUPPORTED_MEDIA_TYPE: 'The body is not application/json',
  IDEMPOTENCY_KEY_REUSED: 'The `Idempotency-Key` was sent before with another request',
  RATE_LIMITED: 'Every candidate is at its limit; `Retry-After` says when to ask again, where it is known',
  CLIENT_CLOSED_REQUEST: 'The caller hung up',
  INTERNAL: 'The service failed; its log has the reason under `requestId`',
  ALL_PROVIDERS_FAILED: 'Every candidate was tried and failed; `attempts` lists each',
  NO_PROVIDER_AVAILABLE: 'No active provider can serve the request, or every circuit is open (`Retry-After`)',
  OVERLOADED: 'The queue is full (`Retry-After`)',
  DATABASE_UNAVAILABLE: 'The database is away; completions go on',
  JOBS_UNAVAILABLE: 'Jobs need Redis, and none is configured or it is away (`Retry-After`)',
  SHUTTING_DOWN: 'The service is stopping and takes no new requests',
  DEADLINE_EXCEEDED: 'The request’s `timeout` ran out',
};

/** What is wrong with one field. */
export class FieldProblemDto implements FieldProblem {
  @ApiProperty({ example: 'messages.1.content', description: 'Path of the field, or `body`' })
  field!: string;

  @ApiProperty()
  message!: string;
}

/** The one form of every error. */
export class ErrorResponseDto implements HttpErrorBody {
  @ApiProperty({ type: 'integer' })
  statusCode!: number;

  @ApiProperty({ example: 'Service Unavailable' })
  error!: string;

  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }],
    description: 'Readable and free of secrets; for VALIDATION_FAILED one line a field',
  })
  message!: string | string[];

  @ApiProperty({ enum: Object.keys(AI_ERROR_STATUS), enumName: 'AIErrorCode' })
  code!: AIErrorCode;

  @ApiProperty()
  requestId!: string;

  @ApiPropertyOptional({ example: 'messages.0.content.1', description: 'With UNSUPPORTED_REQUEST' })
  field?: string;

  @ApiPropertyOptional({
    type: [FieldProblemDto],
    description: 'With `VALIDATION_FAILED`: the lines of `message`, each with its field; 20 at most',
  })
  errors?: FieldProblemDto[];

  @ApiPropertyOptional({
    example: 'content_policy_violation',
    description: 'The vendor’s own code or type, where a vendor is the reason',
  })
  upstreamCode?: string;

  @ApiPropertyOptional({ type: [AttemptDto] })
  attempts?: AttemptDto[];
}

/** Codes that may come with the header `Retry-After`. */
const MAY_COME_BACK: readonly AIErrorCode[] = [
  'RATE_LIMITED',
  'NO_PROVIDER_AVAILABLE',
  'OVERLOADED',
  'JOBS_UNAVAILABLE',
];

const RETRY_AFTER = {
  'Retry-After': { description: 'Seconds, where it is known', schema: { type: 'integer' as const } },
};

/** Documents the codes with which a route may answer, one response a status. */
export function FailsWith(...codes: AIErrorCode[]): ClassDecorator & MethodDecorator {
  const statuses = [...new Set(codes.map((code) => AI_ERROR_STATUS[code]))];
  return applyDecorators(
    ApiExtraModels(ErrorResponseDto),
    ...statuses.map((status) => {
      const here = codes.filter((code) => AI_ERROR_STATUS[code] === status);
      return ApiResponse({
        status,
        description: here.map((code) => `\`${code}\`: ${MEANING[code]}`).join('. '),
        headers: here.some((code) => MAY_COME_BACK.includes(code)) ? RETRY_AFTER : undefined,
        content: {
          'application/json': {
            schema: {
              allOf: [{ $ref: getSchemaPath(ErrorResponseDto) }, { properties: { code: { enum: here } } }],
            },
          },
        },
      });
    }),
  );
}
