import { applyDecorators } from '@nestjs/common';
import {
  ApiDefaultResponse,
  ApiExtraModels,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  getSchemaPath,
} from '@nestjs/swagger';
import { AttemptDto } from '../ai-providers/dto/completion-response.dto.js';
import type { OpenAIErrorBody } from './openai.error.js';

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

const REFERENCE = 'https://platform.openai.com/docs/api-reference/chat';

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

/** Documents an answer by OpenAI's own reference: the form is theirs and not ours to copy. */
export function AnswersLikeOpenAI(object: string, streamed?: string): MethodDecorator {
  const schemaOf = (name: string) => ({
    schema: {
      type: 'object' as const,
      additionalProperties: true,
      description: `\`${name}\`, see ${REFERENCE}`,
      properties: { object: { type: 'string' as const, enum: [name] } },
    },
  });
  return ApiResponse({
    status: 200,
    description:
      streamed === undefined ? '' : 'JSON; with `stream: true` server-sent events, `data: [DONE]` last',
    content: {
      'application/json': schemaOf(object),
      ...(streamed !== undefined && { 'text/event-stream': schemaOf(streamed) }),
    },
  });
}
