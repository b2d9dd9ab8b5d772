import type Anthropic from '@anthropic-ai/sdk';
import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { ChatMessage, Tool, ToolChoice } from '../../interfaces/message.interface.js';
import { assistantBlocks, toolResult, userBlocks } from './content.js';
import { narrowSampling, samplingRule } from './sampling.js';
import type { Sampling, SamplingRule } from './sampling.js';

/** Body of `POST /v1/messages` under API version 2023-06-01, which still has the sampling parameters. */
export type AnthropicRequest = Omit<Anthropic.MessageCreateParamsNonStreaming, 'stream'> &
  Sampling & { stream: boolean };

/** Longest `metadata.user_id` that the API takes, in characters. */
const MAX_USER_ID = 256;

/** The API demands a bound; so much every Claude model can answer, Claude 3 included. */
const DEFAULT_MAX_TOKENS = 4_096;

/**
 * The Messages API's form of a call: https://platform.claude.com/docs/en/api/messages. Left out, for Anthropic has
 * none: the penalties, `seed`, and JSON without a schema. Stop sequences of white space only are dropped: the API
 * refuses them.
 */
export function toRequest(
  call: ProviderCall,
  stream: boolean,
  rule: SamplingRule = samplingRule(call.model),
): AnthropicRequest {
  const turns = toTurns(call.messages);
  const system = call.system?.trim() ? call.system : undefined;
  // The API wants at least one turn: an instruction alone becomes the user's.
  const asTurn = turns.length === 0 && system !== undefined;
  const stops = call.stopSequences?.filter((sequence) => sequence.trim() !== '') ?? [];
  return {
    model: call.model,
    max_tokens: call.maxTokens ?? DEFAULT_MAX_TOKENS,
    ...(system !== undefined && !asTurn && { system }),
    messages: asTurn ? [{ role: 'user', content: system }] : turns,
    ...narrowSampling({ temperature: call.temperature, top_p: call.topP, top_k: call.topK }, rule),
    ...(stops.length > 0 && { stop_sequences: stops }),
    ...(call.user && call.user.length <= MAX_USER_ID && { metadata: { user_id: call.user } }),
    ...toolsOf(call),
    ...(call.responseFormat?.type === 'json_schema' && {
      output_config: { format: { type: 'json_schema', schema: call.responseFormat.schema } },
    }),
    stream,
  };
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

function toolsOf({ tools = [], toolChoice }: ProviderCall): Pick<AnthropicRequest, 'tools' | 'tool_choice'> {
  if (tools.length === 0) return {};
  return {
    tools: tools.map(toTool),
    ...(toolChoice !== undefined && { tool_choice: toToolChoice(toolChoice) }),
  };
}

function toTool({ name, description, parameters }: Tool): Anthropic.Tool {
  return { name, ...(description && { description }), input_schema: { ...parameters, type: 'object' } };
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
