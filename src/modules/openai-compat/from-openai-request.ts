import { assertBodyIsPlain } from '../ai-providers/dto/body-shape.js';
import type { CompletionRequest } from '../ai-providers/interfaces/completion.interface.js';
import { FieldReader } from './field.reader.js';
import { readMessages } from './openai-messages.js';
import { readResponseFormat, readTools, readToolChoice } from './openai-tools.js';

/** `model` of a request that leaves the choice to us. */
const ANY_MODEL = 'auto';

const MAX_TOKENS = 2_147_483_647;

/** Characters of a text that ends the answer, as in our own API, and of an end user's id. */
const MAX_STOP = 500;
const MAX_USER = 512;

/** What a chat completion asks for, in our words and what only its wire format knows. */
export interface OpenAIRequest {
  request: CompletionRequest;
  /** The model as the caller named it. */
  model: string;
  /** Whether a stream ends with a chunk that holds the usage. */
  includeUsage: boolean;
}

/**
 * Reads the body of `POST /chat/completions`
 * (https://platform.openai.com/docs/api-reference/chat/create). Beyond OpenAI: `top_k`, and `fallbacks`, the models to
 * try after `model`.
 * @throws AIError `VALIDATION_FAILED` naming every field at fault.
 */
export function fromOpenAIRequest(json: unknown): OpenAIRequest {
  assertBodyIsPlain(json);
  const body = new FieldReader(json as Record<string, unknown>);
  const model = body.text('model') ?? '';
  if (body.present('model') === undefined)
    body.refuse('model', 'must be given: a model, a provider, or auto');
  if ((body.integer('n', 1, 128) ?? 1) > 1) body.refuse('n', 'must be 1: one answer is given');
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
    tools: readTools(body),
    toolChoice: readToolChoice(body),
    responseFormat: readResponseFormat(body),
    fallbacks: body.texts('fallbacks'),
    model: model === ANY_MODEL ? undefined : model,
  };
  const includeUsage = body.object('stream_options')?.['include_usage'] === true;
  body.assertNoProblems();
  return { request: withoutUndefined(request), model, includeUsage };
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T;
}
