import { applyDecorators } from '@nestjs/common';
import {
  ApiDefaultResponse,
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  getSchemaPath,
} from '../../infra/openapi/swagger.js';
import { AttemptDto } from '../ai-providers/dto/completion/attempt.dto.js';
import type { OpenAIErrorBody } from './openai.error.js';
import type { SchemaObject } from './openai.schemas.js';

/** What went wrong, in OpenAI's words and ours. */
export class OpenAIErrorDetailsDto {
  @ApiProperty()
  message!: string;

  @ApiProperty({ example: 'invalid_request_error' })
  type!: string;

  @ApiProperty({ type: String, nullable: true })
  param!: string | null;

  @ApiProperty({
    example: 'model_not_found',
    description:
      'OpenAI’s `context_length_exceeded` or `content_filter`, the code of the vendor that refused, else one of AIErrorCode in lower case',
  })
  code!: string;

  @ApiProperty()
  request_id!: string;

  @ApiPropertyOptional({ type: [AttemptDto] })
  attempts?: AttemptDto[];
}

/** An error in OpenAI's form. */
export class OpenAIErrorDto implements OpenAIErrorBody {
  @ApiProperty({ type: OpenAIErrorDetailsDto })
  error!: OpenAIErrorDetailsDto;
}

/** Documents that a controller's failures have OpenAI's form. */
export function FailsLikeOpenAI(): ClassDecorator {
  return applyDecorators(
    ApiExtraModels(OpenAIErrorDto),
    ApiDefaultResponse({
      description: 'An error, under the statuses of the other endpoints',
      content: { 'application/json': { schema: { $ref: getSchemaPath(OpenAIErrorDto) } } },
    }),
  );
}

/** Documents an answer, and its pieces where it can be streamed. */
export function AnswersLikeOpenAI(answer: SchemaObject, piece?: SchemaObject): MethodDecorator {
  return ApiResponse({
    status: 200,
    description:
      piece === undefined ? '' : 'JSON; with `stream: true` server-sent events, `data: [DONE]` last',
    content: {
      'application/json': { schema: answer },
      ...(piece !== undefined && { 'text/event-stream': { schema: piece } }),
    },
  });
}
