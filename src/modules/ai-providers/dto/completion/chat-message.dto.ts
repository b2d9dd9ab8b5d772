import { ApiProperty, ApiPropertyOptional } from '../../../../infra/openapi/swagger.js';
import { IsIn, IsObject, IsOptional, IsString, Validate } from 'class-validator';
import type { ContentPart, MessageRole, ProviderData, ToolCall } from '../../interfaces/message.interface.js';
import { IsContent, IsToolCalls } from './completion.constraints.js';
import { IsProviderData } from '../validation/option.constraints.js';
import { Line } from '../validation/field.decorators.js';

const ROLES: readonly MessageRole[] = ['system', 'user', 'assistant', 'tool'];

/** One turn of a conversation. */
export class ChatMessageDto {
  @ApiProperty({ enum: ROLES })
  @IsIn(ROLES)
  role!: MessageRole;

  @ApiProperty({
    oneOf: [{ type: 'string' }, { type: 'array', items: { type: 'object' } }],
    description: 'Text, or parts: text, image, file, audio. An assistant’s turn and a tool’s may go without',
  })
  @Validate(IsContent)
  content?: string | ContentPart[] | null;

  @ApiPropertyOptional({
    type: 'array',
    items: { type: 'object' },
    description: 'The tools an assistant asked for',
  })
  @IsOptional()
  @Validate(IsToolCalls)
  toolCalls?: (Omit<ToolCall, 'arguments'> & { arguments?: unknown })[] | null;

  @ApiPropertyOptional({ description: 'On a tool’s message: the call it answers' })
  @IsOptional()
  @IsString()
  toolCallId?: string;

  @Line({ maxLength: 200, optional: true, description: 'Who speaks, where several do' })
  name?: string | null;

  @ApiPropertyOptional({ description: 'On an assistant’s message: its words where it refused' })
  @IsOptional()
  @IsString()
  refusal?: string | null;

  @ApiPropertyOptional({ description: 'On an assistant’s message: its reasoning' })
  @IsOptional()
  @IsString()
  reasoning?: string | null;

  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    description: 'What the vendor said of itself in this turn, given back as it came',
  })
  @IsOptional()
  @Validate(IsProviderData)
  providerData?: ProviderData | null;
}

/** A tool the model may call. */
export class ToolDto {
  @Line({ maxLength: 64, description: 'Its name' })
  name!: string;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  description?: string;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'JSON Schema of its arguments' })
  @IsObject()
  parameters!: Record<string, unknown>;
}
