import { assertBodyIsPlain } from '../../ai-providers/dto/validation/body-shape.js';
import type { CompletionRequest } from '../../ai-providers/interfaces/completion.interface.js';
import type { JsonFields } from '../../ai-providers/interfaces/message.interface.js';
import { FieldReader, isObject } from './field.reader.js';
import { readMessages } from './openai-messages.js';
import { readReasoning } from './openai-reasoning.js';
import {
  readFunctions,
  readLogprobs,
  readOtherTools,
  readProviderOptions,
  readResponseFormat,
  readToolChoice,
  readTools,
} from './openai-tools.js';
import { unreadFields } from './unread-fields.js';

/** `model` of a request that leaves the choice to us. */
const ANY_MODEL = 'auto';

const MAX_TOKENS = 2_147_483_647;

/** Characters of a text that ends the answer, as in our own API, and of an end user's id. */
const MAX_STOP = 500;
const MAX_USER = 512;
const MAX_SESSION = 512;

type Fields = Record<string, unknown>;

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

/** Fields with a word of ours, or that are ours. All others are passed on as they are. */
const READ: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'fallbacks',
  'providerOptions',
  'stream',
  'n',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'top_k',
  'frequency_penalty',
  'presence_penalty',
  'stop',
  'seed',
  'user',
  'tools',
  'tool_choice',
  'functions',
  'function_call',
  'parallel_tool_calls',
  'response_format',
  'logprobs',
  'top_logprobs',
  'stream_options',
]);

/**
 * Reads the body of `POST /chat/completions`
 * (https://platform.openai.com/docs/api-reference/chat/create). Beyond OpenAI: `top_k`; `fallbacks`, the models to
 * try after `model`; `providerOptions`. What has no word of ours is kept as it is.
 * @throws AIError `VALIDATION_FAILED` naming every field at fault.
 */
export function fromOpenAIRequest(json: unknown): OpenAIRequest {
  assertBodyIsPlain(json);
  const body = new FieldReader(json as Record<string, unknown>);
  const model = body.text('model') ?? '';
  if (body.present('model') === undefined)
    body.refuse('model', 'must be given: a model, a provider, or auto');
  if ((body.integer('n', 1, 128) ?? 1) > 1) body.refuse('n', 'must be 1: one answer is given');
  const asksForFunctions = body.present('tools') === undefined && body.present('functions') !== undefined;
  const request: CompletionRequest = {
    messages: readMessages(body),
    temperature: body.number('temperature', 0, 2),
    maxTokens:
      body.integer('max_completion_tokens', 1, MAX_TOKENS) ?? body.integer('max_tokens', 1, MAX_TOKENS),
    topP: body.number('top_p', 0, 1),
    topK: body.integer('top_k', 1, MAX_TOKENS),
    frequencyPenalty: body.number('frequency_penalty', -2, 2),
    presencePenalty: body.number('presence_penalty', -2, 2),
    stopSequences:
      typeof body.present('stop') === 'string'
        ? [body.text('stop', MAX_STOP) ?? '']
        : body.texts('stop', 16, MAX_STOP),
    seed: body.integer('seed', -MAX_TOKENS, MAX_TOKENS),
    stream: body.boolean('stream'),
    user: body.text('user', MAX_USER),
    tools: readTools(body) ?? readFunctions(body),
    toolChoice: readToolChoice(body),
    parallelToolCalls: asksForFunctions ? false : body.boolean('parallel_tool_calls'),
    logprobs: readLogprobs(body),
    reasoning: readReasoning(body),
    sessionId: body.text('prompt_cache_key', MAX_SESSION),
    providerOptions: readProviderOptions(body),
    metadata: readMetadata(json as Fields),
    openaiFields: readOpenAIFields(json as Fields, body),
    responseFormat: readResponseFormat(body),
    fallbacks: body.texts('fallbacks'),
    model: model === ANY_MODEL ? undefined : model,
  };
  const includeUsage = body.object('stream_options')?.['include_usage'] === true;
  body.assertNoProblems();
  return { request: withoutUndefined(request), model, includeUsage, asksForFunctions };
}

/** What has no word of ours, as the caller wrote it. */
function readOpenAIFields(json: Fields, body: FieldReader): JsonFields | undefined {
  const unread = unreadFields(json, READ);
  const { include_usage: _, ...streamOptions } = body.object('stream_options') ?? {};
  const beyond = {
    ...unread,
    ...readOtherTools(body),
    ...(Object.keys(streamOptions).length > 0 && { stream_options: streamOptions }),
  };
  return Object.keys(beyond).length > 0 ? beyond : undefined;
}

/** Kept in our log too, where it is of the form that this keeps; to OpenAI it goes as it is. */
function readMetadata({ metadata }: Fields): Record<string, string> | undefined {
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
