import { ProviderError } from '../../../errors/provider.error.js';
import type { ProviderAnswer, ProviderCall, StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import { AnswerEnding } from '../../chat/answers/answer-ending.js';
import { endWordOf } from '../../chat/answers/finish-reason.js';
import { gatherAnswer } from '../../chat/streams/gather-answer.js';
import { asArray, asObject, asText } from '../../wire/json-value.js';
import { ToolCallAssembler } from '../../chat/answers/tool-calls.js';
import { toUsage } from './outcome.js';
import { errorFromBody } from '../to-error.js';

/**
 * A whole message in our words (https://platform.claude.com/docs/en/api/messages). Blocks other than text, thinking
 * and tool calls say nothing to our callers and are left out.
 *
 * @throws ProviderError `malformed` where there is no content; the vendor's own where the body is an error; `server_error`
 * where the vendor gave up.
 */
export function fromResponse(json: unknown, call: ProviderCall): ProviderAnswer {
  const message = asObject(json) ?? {};
  if (message['type'] === 'error') throw errorFromBody(message);
  if (!Array.isArray(message['content'])) {
    throw new ProviderError('malformed', 'Anthropic answered without content.');
  }
  const parts: StreamPart[] = [{ type: 'start', id: asText(message['id']), model: asText(message['model']) }];
  const calls = readBlocks(asArray(message['content']), call, parts);
  const ending = new AnswerEnding();
  ending.note('', true, endWordOf(message['stop_reason']));
  parts.push(ending.finish(toUsage(asObject(message['usage']) ?? {}), calls));
  return gatherAnswer(parts, call);
}

/** Appends what the blocks say, and gives their calls, where there are any. */
function readBlocks(
  blocks: unknown[],
  { messages }: ProviderCall,
  parts: StreamPart[],
): ToolCallAssembler | undefined {
  let calls: ToolCallAssembler | undefined;
  for (const value of blocks) {
    const block = asObject(value) ?? {};
    const text = asText(block['text']);
    const thinking = asText(block['thinking']);
    if (block['type'] === 'text' && text !== undefined) parts.push({ type: 'text', text });
    if (block['type'] === 'thinking' && thinking !== undefined)
      parts.push({ type: 'reasoning', text: thinking });
    if (block['type'] !== 'tool_use') continue;
    calls ??= new ToolCallAssembler(messages);
    const { id, name, input } = block;
    for (const delta of calls.open({ id, name, arguments: input })) parts.push({ type: 'tool_call', delta });
  }
  for (const delta of calls?.end() ?? []) parts.push({ type: 'tool_call', delta });
  return calls;
}
