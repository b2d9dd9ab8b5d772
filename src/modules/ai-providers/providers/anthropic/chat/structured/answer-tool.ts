import type Anthropic from '@anthropic-ai/sdk';
import { allowsObject, inputSchemaOf } from '../../../../dialects/object-schema.js';
import { isToolForced } from '../../../../dialects/tool-choice.js';
import type { ProviderCall } from '../../../../interfaces/ai-adapter.interface.js';
import type { AnthropicRequest } from '../request.js';

/** A tool whose input is the answer. */
export interface AnswerTool {
  name: string;
  schema: Record<string, unknown>;
}

/** No caller's tool bears it by chance. */
const NAME = 'answer_in_json';

const DESCRIPTION =
  'Give the final answer to the user with this tool: its input is the answer itself, as one JSON object with the fields that were asked for.';

/**
 * Claude has no JSON mode, and structured outputs want every field named beforehand. A tool that must be called gives JSON for certain
 * (https://platform.claude.com/docs/en/agents-and-tools/tool-use/implement-tool-use): its input is the answer. Where the caller's own tool is
 * forced there is no text to be JSON.
 */
export function answerToolOf(call: ProviderCall): AnswerTool | undefined {
  if (call.responseFormat?.type !== 'json' || isToolForced(call)) return undefined;
  return { name: NAME, schema: { type: 'object', additionalProperties: true } };
}

/** The tool of an answer whose schema no grammar can say. A tool's input is an object: a schema of anything else has none. */
export function schemaToolOf(schema: Record<string, unknown>): AnswerTool | undefined {
  return allowsObject(schema) ? { name: NAME, schema } : undefined;
}

/** The request that makes Claude answer by the tool, or by the caller's own where it may choose among them. */
export function withAnswerTool(request: AnthropicRequest, { name, schema }: AnswerTool): AnthropicRequest {
  const tool: Anthropic.Tool = {
    name,
    description: DESCRIPTION,
    input_schema: inputSchemaOf(schema),
  };
  const mayChoose = request.tools !== undefined && request.tool_choice?.type !== 'none';
  const oneAtATime = request.tool_choice && 'disable_parallel_tool_use' in request.tool_choice;
  return {
    ...request,
    tools: [...(request.tools ?? []), tool],
    tool_choice: {
      ...(mayChoose ? { type: 'any' as const } : { type: 'tool' as const, name }),
      ...(oneAtATime && { disable_parallel_tool_use: true }),
    },
  };
}
