import { ApiProperty, ApiPropertyOptional, OmitType } from '../../../../infra/openapi/swagger.js';
import type { CompletionDelta, CompletionEnd, ToolCallDelta } from '../../interfaces/completion.interface.js';
import type { JsonFields, ProviderData } from '../../interfaces/message.interface.js';
import { CompletionResponseDto } from './completion-response.dto.js';

const openFields = ApiPropertyOptional({ type: 'object', additionalProperties: true });

/** A fragment of a tool call. */
export class ToolCallDeltaDto implements ToolCallDelta {
  @ApiProperty({ type: 'integer', description: '0, 1, 2 … in order of opening' })
  index!: number;

  @ApiPropertyOptional({ description: 'With the first fragment of an index' })
  id?: string;

  @ApiPropertyOptional({ description: 'With the first fragment of an index' })
  name?: string;

  @ApiProperty()
  arguments!: string;

  @ApiPropertyOptional({ enum: [true] })
  custom?: true;
}

/** A piece of a streamed answer. */
export class CompletionDeltaDto implements Omit<CompletionDelta, 'model'> {
  @ApiProperty({ format: 'uuid' })
  id!: string;

  @ApiProperty()
  content!: string;

  @ApiProperty({ enum: [false] })
  done!: false;

  @ApiPropertyOptional()
  reasoning?: string;

  @ApiPropertyOptional()
  refusal?: string;

  @ApiPropertyOptional({ type: ToolCallDeltaDto })
  toolCallDelta?: ToolCallDeltaDto;

  @openFields
  logprobs?: JsonFields;

  @openFields
  providerData?: ProviderData;
}

/** The last piece of a streamed answer, with its whole account. */
export class CompletionEndDto
  extends OmitType(CompletionResponseDto, ['content', 'reasoning'] as const)
  implements CompletionEnd
{
  @ApiProperty({ enum: [''] })
  content!: '';

  @ApiProperty({ enum: [true] })
  done!: true;

  @ApiPropertyOptional({ enum: [true], description: 'The stream was cut and went on from another try' })
  recovered?: true;
}
