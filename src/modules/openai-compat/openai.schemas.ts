import type { OpenAPIObject } from '../../infra/openapi/swagger.js';

type Schemas = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>;

/** A schema as the description of an API has it. */
export type SchemaObject = Exclude<Schemas[string], { $ref: string }>;

const text: SchemaObject = { type: 'string' };
const integer: SchemaObject = { type: 'integer', minimum: 0 };
const free: SchemaObject = { type: 'object', additionalProperties: true };

const message: SchemaObject = {
  type: 'object',
  additionalProperties: true,
  required: ['role'],
  properties: {
    role: { type: 'string', enum: ['system', 'developer', 'user', 'assistant', 'tool'] },
    content: {
      nullable: true,
      oneOf: [text, { type: 'array', items: free }],
      description: 'Text, or parts: text, image_url, input_audio, file',
    },
    name: text,
    tool_calls: { type: 'array', items: free },
    tool_call_id: text,
  },
};

/** What `POST /chat/completions` takes (https://platform.openai.com/docs/api-reference/chat/create). */
export const CHAT_REQUEST: SchemaObject = {
  type: 'object',
  additionalProperties: true,
  required: ['model', 'messages'],
  properties: {
    model: { type: 'string', maxLength: 200, description: 'A model, a provider’s id or name, or `auto`' },
    messages: { type: 'array', minItems: 1, maxItems: 10_000, items: message },
    fallbacks: {
      type: 'array',
      maxItems: 16,
      items: text,
      description: 'Models to try, in order, after `model`',
    },
    stream: { type: 'boolean' },
    stream_options: { type: 'object', properties: { include_usage: { type: 'boolean' } } },
    max_completion_tokens: { type: 'integer', minimum: 1 },
    max_tokens: { type: 'integer', minimum: 1 },
    temperature: { type: 'number', minimum: 0, maximum: 2 },
    top_p: { type: 'number', minimum: 0, maximum: 1 },
    top_k: { type: 'integer', minimum: 1 },
    frequency_penalty: { type: 'number', minimum: -2, maximum: 2 },
    presence_penalty: { type: 'number', minimum: -2, maximum: 2 },
    stop: { oneOf: [text, { type: 'array', maxItems: 16, items: text }] },
    seed: { type: 'integer' },
    tools: { type: 'array', maxItems: 128, items: free },
    tool_choice: { oneOf: [{ type: 'string', enum: ['auto', 'none', 'required'] }, free] },
    response_format: free,
    user: text,
  },
};

export const CHAT_EXAMPLE = {
  model: 'auto',
  messages: [{ role: 'user', content: 'Explain microservices architecture' }],
};

const usage: SchemaObject = {
  type: 'object',
  nullable: true,
  additionalProperties: true,
  properties: { prompt_tokens: integer, completion_tokens: integer, total_tokens: integer },
};

function completion(object: string, holder: 'message' | 'delta'): SchemaObject {
  const choice: SchemaObject = {
    type: 'object',
    additionalProperties: true,
    properties: {
      index: integer,
      [holder]: free,
      finish_reason: {
        type: 'string',
        nullable: true,
        enum: ['stop', 'length', 'tool_calls', 'content_filter'],
      },
    },
  };
  return {
    type: 'object',
    additionalProperties: true,
    required: ['id', 'object', 'created', 'model', 'choices'],
    properties: {
      id: text,
      object: { type: 'string', enum: [object] },
      created: integer,
      model: text,
      choices: { type: 'array', items: choice },
      usage,
    },
  };
}

/** The answer to it. */
export const CHAT_COMPLETION = completion('chat.completion', 'message');

/** A piece of it, where it is streamed. */
export const CHAT_CHUNK = completion('chat.completion.chunk', 'delta');

/** What `GET /models` answers (https://platform.openai.com/docs/api-reference/models/list). */
export const MODEL_LIST: SchemaObject = {
  type: 'object',
  required: ['object', 'data'],
  properties: {
    object: { type: 'string', enum: ['list'] },
    data: {
      type: 'array',
      items: {
        type: 'object',
        additionalProperties: true,
        required: ['id', 'object', 'created', 'owned_by'],
        properties: {
          id: text,
          object: { type: 'string', enum: ['model'] },
          created: integer,
          owned_by: text,
        },
      },
    },
  },
};
