import type {
  ChatCompletionCreateParamsBase,
  ChatCompletionTool,
  ChatCompletionToolChoiceOption,
} from 'openai/resources/chat/completions/completions';
import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { ResponseFormat, Tool, ToolChoice } from '../../interfaces/message.interface.js';
import type { ChatDialect } from './dialect.js';
import { toMessage } from './message.js';

/** A body of `POST /chat/completions`, with the one field that compatible servers add. */
export type ChatRequest = ChatCompletionCreateParamsBase & { top_k?: number };

/**
 * The o-series and GPT-5 and later, which refuse `max_tokens`, `temperature`, `top_p`, the penalties and `stop`
 * (https://platform.openai.com/docs/guides/reasoning; `unsupported_parameter` and `unsupported_value` in the wild), dated,
 * fine-tuned (`ft:`) or behind a vendor's prefix. `gpt-5-chat` does not reason and takes them all.
 */
const REASONING_MODEL = /^(?:ft:)?(?:o\d|gpt-(?:[5-9]|\d{2,})(?!\.?\d*-chat))/;

/** The body for a call. What the dialect does not have is left out, what it narrows is clamped. */
export function toRequest(call: ProviderCall, stream: boolean, dialect: ChatDialect): ChatRequest {
  const reasoning = dialect.maxTokensField === 'by-model' && REASONING_MODEL.test(call.model);
  const messages: ChatRequest['messages'] = call.messages.map(toMessage);
  if (call.system !== undefined) messages.unshift({ role: 'system', content: call.system });
  const request: ChatRequest = {
    model: call.model,
    messages,
    seed: call.seed,
    user: call.user,
    response_format: call.responseFormat && toFormat(call.responseFormat),
  };
  if (reasoning) {
    request.max_completion_tokens = call.maxTokens;
  } else {
    request.max_tokens = call.maxTokens;
    sample(request, call, dialect);
  }
  if (call.tools?.length) {
    request.tools = call.tools.map(toTool);
    request.tool_choice = call.toolChoice && toChoice(call.toolChoice);
  }
  if (stream) {
    request.stream = true;
    request.stream_options = { include_usage: true };
  }
  return request;
}

function sample(request: ChatRequest, call: ProviderCall, dialect: ChatDialect): void {
  request.temperature = call.temperature;
  request.top_p = call.topP;
  if (dialect.topK) request.top_k = call.topK;
  request.frequency_penalty = call.frequencyPenalty;
  request.presence_penalty = call.presencePenalty;
  const stop = call.stopSequences?.slice(0, dialect.maxStopSequences);
  if (stop?.length) request.stop = stop;
}

function toTool({ name, description, parameters }: Tool): ChatCompletionTool {
  return { type: 'function', function: { name, description, parameters } };
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
    case 'json_schema':
      return {
        type: 'json_schema',
        json_schema: { name: format.name ?? 'response', schema: format.schema, strict: format.strict },
      };
  }
}
