import { z } from 'zod';
import { assertBodyIsPlain } from '../../ai-providers/dto/validation/body-shape.js';
import type { CompletionRequest } from '../../ai-providers/interfaces/completion.interface.js';
import type { JsonFields } from '../../ai-providers/interfaces/message.interface.js';
import { messages } from './openai-messages.js';
import { REASONING, toReasoning } from './openai-reasoning.js';
import {
  boolean,
  chosen,
  integer,
  isObject,
  jsonObject,
  number,
  optional,
  readBody,
  text,
  texts,
  withoutOlder,
} from './openai-schema.js';
import { functions, otherTools, providerOptions, responseFormat, toolChoice, tools } from './openai-tools.js';
import { unreadFields } from './unread-fields.js';

/** `model` of a request that leaves the choice to us. */
const ANY_MODEL = 'auto';

const MAX_TOKENS = 2_147_483_647;
const MAX_TOP_LOGPROBS = 20;

/** Characters of a text that ends the answer, as in our own API, and of an end user's id. */
const MAX_STOP = 500;
const MAX_USER = 512;
const MAX_SESSION = 512;

/** What a chat completion asks for, in our words and what only its wire format knows. */
export interface OpenAIRequest {
  request: CompletionRequest;
  /** The model as the caller named it. */
  model: string;
  /** Whether a stream ends with a chunk that holds the usage. */
  includeUsage: boolean;
  /** Whether the answer's call is written in the older form, `function_call`, as its tools were. */
  asksForFunctions: boolean;
}

const noModel = z.never('must be given: a model, a provider, or auto');
const stopText = text(MAX_STOP).transform((stop) => [stop]);
const stopTexts = texts(16, MAX_STOP);

/** Fields that are passed on as the caller wrote them, though they are read. */
const READ_AND_PASSED_ON = { ...REASONING, prompt_cache_key: optional(text(MAX_SESSION)) };

const chatRequest = z.object({
  model: chosen((given) => (given === undefined || given === null ? noModel : text())),
  n: optional(integer(1, 128).refine((n) => !(n > 1), 'must be 1: one answer is given')),
  messages,
  temperature: optional(number(0, 2)),
  max_completion_tokens: optional(integer(1, MAX_TOKENS)),
  max_tokens: optional(integer(1, MAX_TOKENS)),
  top_p: optional(number(0, 1)),
  top_k: optional(integer(1, MAX_TOKENS)),
  frequency_penalty: optional(number(-2, 2)),
  presence_penalty: optional(number(-2, 2)),
  stop: optional(chosen<string[]>((given) => (typeof given === 'string' ? stopText : stopTexts))),
  seed: optional(integer(-MAX_TOKENS, MAX_TOKENS)),
  stream: optional(boolean),
  user: optional(text(MAX_USER)),
  tools: optional(tools),
  functions: optional(functions),
  tool_choice: optional(toolChoice),
  function_call: optional(toolChoice),
  parallel_tool_calls: optional(boolean),
  top_logprobs: optional(integer(0, MAX_TOP_LOGPROBS)),
  logprobs: optional(boolean),
  ...READ_AND_PASSED_ON,
  providerOptions: optional(providerOptions),
  stream_options: optional(jsonObject),
  response_format: optional(responseFormat),
  fallbacks: optional(texts()),
});

/** Fields and their older forms. */
const OLDER = [
  ['max_completion_tokens', 'max_tokens'],
  ['tools', 'functions'],
  ['tool_choice', 'function_call'],
] as const;

/** Fields with a word of ours, or that are ours. All others are passed on as they are. */
const READ: ReadonlySet<string> = new Set(
  Object.keys(chatRequest.shape).filter((name) => !Object.hasOwn(READ_AND_PASSED_ON, name)),
);

/**
 * Reads the body of `POST /chat/completions`
 * (https://platform.openai.com/docs/api-reference/chat/create). Beyond OpenAI: `top_k`; `fallbacks`, the models to
 * try after `model`; `providerOptions`. What has no word of ours is kept as it is.
 * @throws AIError `VALIDATION_FAILED` naming every field at fault.
 */
export function fromOpenAIRequest(json: unknown): OpenAIRequest {
  assertBodyIsPlain(json);
  const fields = json as JsonFields;
  const body = readBody(chatRequest, withoutOlder(fields, OLDER));
  const asksForFunctions = body.tools === undefined && body.functions !== undefined;
  const request: CompletionRequest = {
    messages: body.messages,
    temperature: body.temperature,
    maxTokens: body.max_completion_tokens ?? body.max_tokens,
    topP: body.top_p,
    topK: body.top_k,
    frequencyPenalty: body.frequency_penalty,
    presencePenalty: body.presence_penalty,
    stopSequences: body.stop,
    seed: body.seed,
    stream: body.stream,
    user: body.user,
    tools: body.tools ?? body.functions,
    toolChoice: body.tool_choice ?? body.function_call,
    parallelToolCalls: asksForFunctions ? false : body.parallel_tool_calls,
    logprobs: body.logprobs === true ? (body.top_logprobs ?? true) : body.logprobs,
    reasoning: toReasoning(body),
    sessionId: body.prompt_cache_key,
    providerOptions: body.providerOptions,
    metadata: readMetadata(fields),
    openaiFields: passedOn(fields, body.stream_options),
    responseFormat: body.response_format,
    fallbacks: body.fallbacks,
    model: body.model === ANY_MODEL ? undefined : body.model,
  };
  const includeUsage = body.stream_options?.['include_usage'] === true;
  return { request: withoutUndefined(request), model: body.model, includeUsage, asksForFunctions };
}

/** What has no word of ours, as the caller wrote it. */
function passedOn(fields: JsonFields, streamOptions: JsonFields | undefined): JsonFields | undefined {
  const { include_usage: _, ...otherOptions } = streamOptions ?? {};
  const beyond = {
    ...unreadFields(fields, READ),
    ...otherTools(fields),
    ...(Object.keys(otherOptions).length > 0 && { stream_options: otherOptions }),
  };
  return Object.keys(beyond).length > 0 ? beyond : undefined;
}

/** Kept in our log too, where it is of the form that this keeps; to OpenAI it goes as it is. */
function readMetadata({ metadata }: JsonFields): Record<string, string> | undefined {
  if (!isObject(metadata)) return undefined;
  const entries = Object.entries(metadata);
  const isKept =
    entries.length <= 64 &&
    entries.every(([name, value]) => name.length <= 64 && typeof value === 'string' && value.length <= 1_024);
  return isKept ? (metadata as Record<string, string>) : undefined;
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
