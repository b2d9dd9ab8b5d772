import { ProviderError } from '../../../errors/provider.error.js';
import type { ProviderAnswer, ProviderCall, StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import { attachLogprobs } from '../answers/attach-logprobs.js';
import type { ToolCallDelta } from '../../../interfaces/completion.interface.js';
import { joinLogprobs } from '../../../dialects/logprobs.js';
import type { JsonFields, ToolCall } from '../../../interfaces/message.interface.js';

/** The whole answer that the parts of one make, the finish included. */
export function gatherAnswer(parts: readonly StreamPart[], call: ProviderCall): ProviderAnswer {
  let id: string | undefined;
  let model: string | undefined;
  let content = '';
  let reasoning = '';
  let refusal = '';
  let logprobs: JsonFields | undefined;
  let message: JsonFields | undefined;
  let around: JsonFields | undefined;
  let toolCalls: ToolCall[] | undefined;
  for (const part of parts) {
    if ('logprobs' in part && part.logprobs) logprobs = joinLogprobs(logprobs, part.logprobs);
    switch (part.type) {
      case 'start':
        ({ id, model } = part);
        break;
      case 'text':
        content += part.text;
        break;
      case 'beside':
        if (part.message) message = { ...message, ...part.message };
        if (part.answer) around = { ...around, ...part.answer };
        break;
      case 'reasoning':
        reasoning += part.text;
        break;
      case 'refusal':
        refusal += part.text;
        break;
      case 'tool_call':
        addDelta((toolCalls ??= []), part.delta);
        break;
      case 'finish': {
        const { finishReason, rawFinishReason, usage } = part;
        const answer: ProviderAnswer = {
          id,
          model: model ?? call.model,
          content,
          finishReason,
          rawFinishReason,
          usage,
        };
        if (reasoning !== '') answer.reasoning = reasoning;
        if (refusal !== '') answer.refusal = refusal;
        if (toolCalls) answer.toolCalls = toolCalls;
        if (logprobs) answer.logprobs = logprobs;
        if (message) answer.providerData = { openai: message };
        if (around) answer.openaiFields = around;
        return answer;
      }
      case 'refused':
      case 'usage':
      case 'alive':
      case 'sign_of_life':
      case 'malformed':
    }
  }
  throw new ProviderError('truncated', 'The answer has no end.');
}

/** A whole answer as the parts of a stream, for a server that does not stream though asked to. */
export function partsOfAnswer(answer: ProviderAnswer): StreamPart[] {
  const {
    id,
    model,
    reasoning,
    content,
    refusal,
    toolCalls = [],
    finishReason,
    rawFinishReason,
    usage,
  } = answer;
  const parts: StreamPart[] = [{ type: 'start', id, model }];
  if (reasoning) parts.push({ type: 'reasoning', text: reasoning });
  if (content) parts.push({ type: 'text', text: content });
  const { providerData, openaiFields } = answer;
  if (providerData?.openai || openaiFields) {
    parts.push({ type: 'beside', message: providerData?.openai, answer: openaiFields });
  }
  if (refusal) parts.push({ type: 'refusal', text: refusal });
  toolCalls.forEach((call, index) => parts.push({ type: 'tool_call', delta: { index, ...call } }));
  if (answer.logprobs) attachLogprobs(answer.logprobs, parts, 0);
  parts.push({ type: 'finish', finishReason, rawFinishReason, usage });
  return parts;
}

/** Pieces of calls come in canonical form: the first of a call has its id and name. */
function addDelta(calls: ToolCall[], { index, id, name, custom, arguments: text }: ToolCallDelta): void {
  const call = calls[index];
  if (call !== undefined) call.arguments += text;
  else if (id !== undefined && name !== undefined) {
    calls.push({ id, name, arguments: text, ...(custom && { custom }) });
  }
}
