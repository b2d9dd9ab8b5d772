import { cutText, type AskedRequest, type Dialect, type Piece, type SaidAnswer } from './dialect.js';
import type { ErrorReason } from './upstream-script.js';

/** OpenAI's Chat Completions, as its API reference describes objects, chunks and errors. */
export const openaiDialect: Dialect = {
  name: 'openai',
  streams: (request) => request.body['stream'] === true,
  model: (request) => (typeof request.body['model'] === 'string' ? request.body['model'] : 'gpt-4o-mini'),
  plain,
  stream,
  error: (status, reason, message) => JSON.stringify(errorBody(status, reason, message)),
  errorEvent: () => `data: ${JSON.stringify(errorBody(500, undefined, undefined))}\n\n`,
  malformedEvent: () => 'data: {"id":"chatcmpl-broken","choices":[{"del\n\n',
  get: (path) => {
    const model = (id: string): object => ({
      id,
      object: 'model',
      created: 1_700_000_000,
      owned_by: 'system',
    });
    const id = /\/models\/(.+)$/.exec(path)?.[1];
    return id === undefined
      ? { object: 'list', data: [model('gpt-4o'), model('gpt-4o-mini')] }
      : model(decodeURIComponent(id));
  },
};

function usageOf(said: SaidAnswer): object | null {
  if (said.usage === null) return null;
  const { prompt, completion, cached, cacheWrite, cacheWrite1h, reasoning } = said.usage;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    // OpenAI's own have no writes: those are OpenRouter's and LiteLLM's, of Anthropic's models.
    prompt_tokens_details: {
      cached_tokens: cached ?? 0,
      audio_tokens: 0,
      ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }),
    },
    ...(cacheWrite1h !== undefined && { cache_creation: { ephemeral_1h_input_tokens: cacheWrite1h } }),
    completion_tokens_details: {
      reasoning_tokens: reasoning ?? 0,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

function toolCallsOf(said: SaidAnswer): object[] | undefined {
  return said.toolCalls?.map((call, index) => ({
    id: `call_${said.id}${index}`,
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  }));
}

function plain(said: SaidAnswer): string {
  const usage = usageOf(said);
  const message = {
    role: 'assistant',
    content: said.toolCalls ? said.text || null : said.text,
    ...(said.reasoning !== undefined && { reasoning_content: said.reasoning }),
    ...(said.toolCalls && { tool_calls: toolCallsOf(said) }),
    refusal: null,
    annotations: [],
  };
  return JSON.stringify({
    id: `chatcmpl-${said.id}`,
    object: 'chat.completion',
    created: 1_700_000_000,
    model: said.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: said.finish }],
    ...(usage && { usage }),
    service_tier: 'default',
    system_fingerprint: 'fp_fake',
  });
}

function stream(said: SaidAnswer, request: AskedRequest): Piece[] {
  const options = request.body['stream_options'] as { include_usage?: boolean } | undefined;
  const includeUsage = options?.include_usage === true && said.usage !== null;
  const chunk = (choices: object[], usage: object | null = null): string =>
    `data: ${JSON.stringify({
      id: `chatcmpl-${said.id}`,
      object: 'chat.completion.chunk',
      created: 1_700_000_000,
      model: said.model,
      service_tier: 'default',
      system_fingerprint: 'fp_fake',
      choices,
      ...(includeUsage && { usage }),
    })}\n\n`;
  const delta = (part: object, finish: string | null = null): string =>
    chunk([{ index: 0, delta: part, logprobs: null, finish_reason: finish }]);
  const pieces: Piece[] = [{ data: delta({ role: 'assistant', content: '', refusal: null }) }];
  for (const part of cutText(said.reasoning ?? '', 2)) {
    pieces.push({ data: delta({ reasoning_content: part }), content: true });
  }
  for (const part of cutText(said.text, said.chunks))
    pieces.push({ data: delta({ content: part }), content: true });
  said.toolCalls?.forEach((call, index) => {
    const head = { index, id: `call_${said.id}${index}`, type: 'function' };
    const opening = { ...head, function: { name: call.name, arguments: '' } };
    pieces.push({ data: delta({ tool_calls: [opening] }), content: true });
    for (const part of cutText(call.arguments, 3)) {
      pieces.push({ data: delta({ tool_calls: [{ index, function: { arguments: part } }] }), content: true });
    }
  });
  pieces.push({ data: delta({}, said.finish) });
  if (includeUsage) pieces.push({ data: chunk([], usageOf(said)), bills: true });
  pieces.push({ data: 'data: [DONE]\n\n', terminator: true });
  return pieces;
}

function errorBody(status: number, reason: ErrorReason | undefined, message: string | undefined): object {
  const [type, code, text] = errorParts(status, reason);
  return {
    error: { message: message ?? text, type, param: reason === 'context_length' ? 'messages' : null, code },
  };
}

function errorParts(status: number, reason: ErrorReason | undefined): [string, string | null, string] {
  switch (reason) {
    case 'context_length':
      return [
        'invalid_request_error',
        'context_length_exceeded',
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
      ];
    case 'quota':
      return [
        'insufficient_quota',
        'insufficient_quota',
        'You exceeded your current quota, please check your plan.',
      ];
    case 'content_filter':
      return [
        'invalid_request_error',
        'content_policy_violation',
        'Your request was rejected by the safety system.',
      ];
    case 'model':
      return ['invalid_request_error', 'model_not_found', 'The model `nope` does not exist.'];
    case 'bad_key':
    case undefined:
  }
  if (status === 401)
    return ['invalid_request_error', 'invalid_api_key', 'Incorrect API key provided: sk-***.'];
  if (status === 404) return ['invalid_request_error', 'model_not_found', 'The model `nope` does not exist.'];
  if (status === 429) return ['requests', 'rate_limit_exceeded', 'Rate limit reached for requests.'];
  if (status >= 500) return ['server_error', null, 'The server had an error while processing your request.'];
  return ['invalid_request_error', null, 'The request is not valid.'];
}
