import type {
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions/completions';
import { NOTHING_REFUSED } from '../../../dialects/fit.js';
import type { DialectTarget, Refused } from '../../../dialects/fit.js';
import { reasoningBack } from '../../../dialects/history-reasoning.js';
import { fitOpenAI } from '../../../dialects/openai/openai.options.js';
import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { ResponseFormat, Tool, ToolChoice } from '../../../interfaces/message.interface.js';
import { REASONING_IS_MISSING } from './own-choices.js';
import { withCallersFields } from './fields/callers-fields.js';
import { toMessage } from './message.js';
import type { ChatRequest } from './request.js';
import { withFields } from './fields/with-fields.js';

/** The body for a call, without what this deployment refused of ours. */
export function toRequest(
  call: ProviderCall,
  stream: boolean,
  target: DialectTarget,
  refused: Refused = NOTHING_REFUSED,
): ChatRequest {
  const { options } = fitOpenAI(call, target, refused);
  const request: ChatRequest = {
    model: call.model,
    messages: messagesOf(call, target, refused),
    max_tokens: options.max_tokens,
    max_completion_tokens: options.max_completion_tokens,
    temperature: options.temperature,
    top_p: options.top_p,
    top_k: options.top_k,
    frequency_penalty: options.frequency_penalty,
    presence_penalty: options.presence_penalty,
    stop: options.stop,
    seed: options.seed,
    user: options.user,
    parallel_tool_calls: options.parallel_tool_calls,
    logprobs: options.logprobs,
    top_logprobs: options.top_logprobs,
    prompt_cache_key: options.prompt_cache_key,
    response_format: call.responseFormat && toFormat(call.responseFormat),
  };
  if (call.tools?.length) {
    request.tools = call.tools.map(toTool);
    request.tool_choice = call.toolChoice && toChoice(call.toolChoice);
  }
  if (stream) {
    request.stream = true;
    if (!refused.has('stream_options')) request.stream_options = { include_usage: true };
  }
  const { reasoning } = options;
  return withCallersFields(reasoning ? { ...request, ...reasoning } : request, call, target);
}

function messagesOf(call: ProviderCall, target: DialectTarget, refused: Refused): ChatRequest['messages'] {
  const { system, systemTurns } = call;
  const known = reasoningBack(target, call.model);
  let back = known && refused.has(known.field) ? null : known;
  if (back !== null && refused.has(REASONING_IS_MISSING)) back = { ...back, always: true };
  const messages = call.messages.map((message) => toMessage(message, back));
  if (refused.has('annotations'))
    for (const message of messages) Reflect.deleteProperty(message, 'annotations');
  if (system === undefined) return messages;
  if (systemTurns === undefined) messages.unshift({ role: 'system', content: system });
  else messages.unshift(...systemTurns.map((message) => toMessage(message, null)));
  return messages;
}

function toTool({ name, description, parameters, openaiFields }: Tool): ChatCompletionTool {
  return withFields(
    { type: 'function', function: { name, description, parameters } },
    'function',
    openaiFields,
  );
}

function toChoice(choice: ToolChoice): ChatCompletionToolChoiceOption {
  return typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } };
}

function toFormat(format: ResponseFormat): ChatRequest['response_format'] {
  switch (format.type) {
    case 'text':
      return undefined;
    case 'json':
      return { type: 'json_object' };
    case 'json_schema': {
      const { name = 'response', schema, strict, openaiFields } = format;
      const form = { type: 'json_schema' as const, json_schema: { name, schema, strict } };
      return withFields(form, 'json_schema', openaiFields);
    }
  }
}
