import type Anthropic from '@anthropic-ai/sdk';
import { fitAnthropic } from '../../../dialects/anthropic/anthropic.options.js';
import { NOTHING_REFUSED } from '../../../dialects/fit.js';
import type { Refused } from '../../../dialects/fit.js';
import { inputSchemaOf } from '../../../dialects/object-schema.js';
import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { ChatMessage, JsonFields, Tool, ToolChoice } from '../../../interfaces/message.interface.js';
import { assistantBlocks, toolResult, userBlocks } from './content.js';
import { AnswerForms } from './structured/answer-form.js';
import type { AnswerForm } from './structured/answer-form.js';
import { withAnswerTool } from './structured/answer-tool.js';
import type { AnthropicRequest } from './request.js';

/** What the service itself decides, whatever a caller writes beside its words. */
const OWN_FIELDS: readonly string[] = ['model', 'messages', 'stream'];

/**
 * The Messages API's form of a call: https://platform.claude.com/docs/en/api/messages. What of its options goes there,
 * `fitAnthropic` says.
 */
export function toRequest(
  call: ProviderCall,
  stream: boolean,
  refused: Refused = NOTHING_REFUSED,
  form: AnswerForm = new AnswerForms().of(call),
): AnthropicRequest {
  const turns = toTurns(call.messages);
  const system = call.system?.trim() ? call.system : undefined;
  // The API wants at least one turn: an instruction alone becomes the user's.
  const asTurn = turns.length === 0 && system !== undefined;
  const { disable_parallel_tool_use, output_config, ...options } = fitAnthropic(call, refused).options;
  const own = call.providerOptions?.anthropic;
  const request: AnthropicRequest = {
    model: call.model,
    ...options,
    ...(system !== undefined && !asTurn && { system }),
    messages: asTurn ? [{ role: 'user', content: system }] : turns,
    ...toolsOf(call, disable_parallel_tool_use),
    ...(form.grammar
      ? { output_config: { ...output_config, format: { type: 'json_schema', schema: form.grammar } } }
      : output_config && { output_config }),
    stream,
  };
  const whole = form.tool ? withAnswerTool(request, form.tool) : request;
  return own === undefined ? whole : { ...whole, ...withoutOwn(own) };
}

/**
 * Turns of alternating roles; one without content is dropped. The assistant may speak first: the API takes that, and a
 * server that does not teaches it (`HistoryLessons`).
 */
function toTurns(messages: ChatMessage[]): Anthropic.MessageParam[] {
  const turns: { role: 'user' | 'assistant'; content: Anthropic.ContentBlockParam[] }[] = [];
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user';
    const blocks = blocksOf(message);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: blocks });
  }
  trimEnd(turns);
  return turns.map(({ role, content }) => ({ role, content: resultsFirst(content) }));
}

/**
 * "final assistant content cannot end with trailing whitespace": the last turn, where it is the assistant's, is sent without
 * it, and not at all where nothing else is in it. Blank texts are out already.
 */
function trimEnd(turns: { role: string; content: Anthropic.ContentBlockParam[] }[]): void {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role === 'assistant' && block?.type === 'text') block.text = block.text.trimEnd();
}

function blocksOf(message: ChatMessage): Anthropic.ContentBlockParam[] {
  switch (message.role) {
    case 'assistant':
      return assistantBlocks(message);
    case 'tool':
      return [toolResult(message)];
    case 'user':
    case 'system':
      return userBlocks(message.content);
  }
}

/** The API wants the answers to its tool calls before anything else in the turn. One text alone goes as a string. */
function resultsFirst(blocks: Anthropic.ContentBlockParam[]): Anthropic.MessageParam['content'] {
  const [first] = blocks;
  if (blocks.length === 1 && first?.type === 'text') return first.text;
  const results = blocks.filter(({ type }) => type === 'tool_result');
  return results.length === 0 ? blocks : [...results, ...blocks.filter(({ type }) => type !== 'tool_result')];
}

function withoutOwn(fields: JsonFields): JsonFields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !OWN_FIELDS.includes(name)));
}

function toolsOf(
  { tools = [], toolChoice }: ProviderCall,
  oneAtATime: true | undefined,
): Pick<AnthropicRequest, 'tools' | 'tool_choice'> {
  if (tools.length === 0) return {};
  const choice = toolChoice ?? (oneAtATime && 'auto');
  if (choice === undefined) return { tools: tools.map(toTool) };
  const mode = toToolChoice(choice);
  // Where no tool may be called there is nothing to be kept from.
  return {
    tools: tools.map(toTool),
    tool_choice: oneAtATime && mode.type !== 'none' ? { ...mode, disable_parallel_tool_use: true } : mode,
  };
}

function toTool({ name, description, parameters }: Tool): Anthropic.Tool {
  return { name, ...(description && { description }), input_schema: inputSchemaOf(parameters ?? {}) };
}

function toToolChoice(choice: ToolChoice): Anthropic.ToolChoice {
  switch (choice) {
    case 'auto':
      return { type: 'auto' };
    case 'none':
      return { type: 'none' };
    case 'required':
      return { type: 'any' };
    default:
      return { type: 'tool', name: choice.name };
  }
}
