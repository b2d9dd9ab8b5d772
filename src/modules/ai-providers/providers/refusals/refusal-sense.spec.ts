import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readErrorBody } from './body/error-body.js';
import { isTooLargeForAccount, senseOf, senseOfText } from './refusal-sense.js';

const TOO_LONG = [
  "This model's maximum context length is 4097 tokens, however you requested 5000 tokens (1000 in your prompt; 4000 for the completion).",
  "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
  'Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 300000 tokens.',
  'Your input exceeds the context window of this model. Please adjust your input and try again.',
  "You passed 202753 input tokens and requested 0 output tokens. However, the model's context length is only 202752 tokens, resulting in a maximum input length of 202752 tokens.",
  "'max_tokens' or 'max_completion_tokens' is too large: 1000. This model's maximum context length is 4096 tokens and your request has 3900 input tokens (1000 > 4096 - 3900).",
  "'max_tokens' or 'max_completion_tokens' is too large: 8192. This model's maximum context length is 8192 tokens and your request has 17 input tokens (8192 > 8192 - 17).",
  'The decoder prompt (length 5000) is longer than the maximum model length of 4096.',
  "The input (1492905 tokens) is longer than the model's context length (1048576 tokens).",
  "Requested token count exceeds the model's maximum context length of 8192 tokens.",
  'Input length (9000 tokens) exceeds the maximum allowed length (8192 tokens). Use a shorter input.',
  '`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens and 200 `max_new_tokens`',
  'Input validation error: `inputs` must have less than 1024 tokens. Given: 2000',
  'the request exceeds the available context size, try increasing it',
  'request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it',
  'Requested tokens (5000) exceed context window of 4096',
  'Trying to keep the first 15857 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough.',
  'The number of tokens to keep from the initial prompt is greater than the context length.',
  'the input length exceeds the context length',
  'input is too large to process. increase the physical batch size',
  'Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length',
  'too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000.',
  'Input is too long for requested model.',
  'Malformed input request: expected maxLength: 50000, actual: 60000, please reformat your input and try again.',
  'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  'Unable to submit request because the input token count is 40000 but model only supports up to 32768.',
  'prompt is too long: 210000 tokens > 200000 maximum',
  'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000',
  'Please reduce the length of the messages or completion.',
  'Please reduce the length of the messages or completion. Current length is 9000 while limit is 8192',
  'The prompt is too long: 140000, model maximum context length: 131071',
  "This endpoint's maximum context length is 131072 tokens. However, you requested about 200000 tokens.",
  "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
  'Range of input length should be [1, 30720]',
  'Prompt exceeds max length',
  'Prompt 超长',
  '输入长度超出模型最大限制',
  'Invalid request: Your request exceeded model token limit: 8192 (requested: 9000)',
  'invalid params, context window exceeds limit (2013)',
  'prompt token count of 100000 exceeds the limit of 64000',
  'Prompt length (5000) exceeds maximum input length (4096)',
  'Request 0 prompt has 5000 tokens in total, larger than the model input length limit 4096.',
  'Token indices sequence length is longer than the specified maximum sequence length for this model (5000 > 512)',
  'Request body too large for gpt-4o model. Max size: 8000 tokens.',
  'the number of input tokens 5000 cannot exceed the total tokens limit 4096 for this model',
  "Invalid 'messages[0].content': string too long. Expected a string with maximum length 1048576, but got a string with length 2000000 instead.",
  'The conversation is too long, please start a new one.',
];

const NOT_TOO_LONG = [
  'max_tokens is too large: 50000. This model supports at most 16384 completion tokens, whereas you provided 50000.',
  "'max_tokens' is too large: 99999. This model's maximum context length is 4096 tokens and your request has 10 input tokens (99999 > 4096 - 10).",
  'max_tokens: 200000 > 64000, which is the maximum allowed number of output tokens for claude-sonnet-4',
  'Invalid max_tokens value, the valid range of max_tokens is [1, 8192]',
  'Range of max_tokens should be [1, 8192]',
  'Unable to submit request because it has a maxOutputTokens value of 100000 but the supported range is from 1 to 65537.',
  'messages.0.content.1.image.source.base64: image exceeds 5 MB maximum: 6291456 bytes > 5242880 bytes',
  'Image is too large, the maximum is 20MB',
  'The input image is too large',
  'A maximum of 100 PDF pages may be provided.',
  'The file is larger than the maximum of 32 MB',
  'Request exceeds the maximum size',
  'Request entity too large',
  "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 45 instead.",
  "Invalid 'tools[0].function.name': string too long. Expected a string with maximum length 64",
  "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 200 instead.",
  "Invalid 'stop': array too long. Expected an array with maximum length 4",
  'The name of the message is too long, the maximum length is 64',
  'Tool call id was call_DdmO9pD3xa9XTPNJ32zg2hcA but must be a-z, A-Z, 0-9, with a length of 9.',
  'Input should be less than or equal to 2',
  'Extra inputs are not permitted',
  'messages: at least one message is required',
  'Input text length must be at least 1',
  'temperature must be at most 1',
  "Unsupported parameter: 'context_window'",
  'The request took too long and exceeded the time limit',
  'This model does not support assistant message prefill. The conversation must end with a user message.',
  'The `reasoning_content` in the thinking mode must be passed back to the API.',
  "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
];

const GROQ =
  'Request too large for model `llama-3.1-8b-instant` in organization `org_x` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 14368, please reduce your message size and try again.';

const LIMITS = [
  GROQ,
  'Rate limit reached for gpt-4o in organization org-x on requests per min (RPM): Limit 3, Used 3, Requested 1.',
  'Number of request tokens has exceeded your per-minute rate limit',
  'This request would exceed your organization’s rate limit of 30,000 input tokens per minute.',
  'Too many requests, please wait before trying again.',
  'You have reached your monthly spending limit',
  'Daily limit reached for this key',
  'ThrottlingException: Rate exceeded',
];

const VERDICTS = [
  'Your request was rejected as a result of our safety system.',
  "The response was filtered due to the prompt triggering Azure OpenAI's content management policy.",
  'Invalid prompt: your prompt was flagged as potentially violating our usage policy.',
  'openai/gpt-4o requires moderation on OpenAI. Your input was flagged for "sexual". No credits were charged.',
  'Output blocked by content filtering policy',
  'Content violates usage guidelines. Team: x, API key ID: y, Model: grok-4, Failed check: SAFETY_CHECK_TYPE_BIO',
  'Input data may contain inappropriate content.',
  'Content Exists Risk',
  'The request was rejected because it was considered high risk',
  '系统检测到输入或生成内容可能包含不安全或敏感内容',
  'The prompt was blocked',
  'Guardrail intervened',
  '<400> InternalError.Algo.DataInspectionFailed: Input text data may contain odd content.',
  'input new_sensitive',
];

describe('senseOfText', () => {
  it.each(TOO_LONG)('%p is a prompt that is too long', (text) => {
    expect(senseOfText(text)).toBe('context_length');
  });

  it.each(NOT_TOO_LONG)('%p is none', (text) => {
    expect(senseOfText(text)).not.toBe('context_length');
  });

  it.each(LIMITS)('%p is a limit of the account', (text) => {
    expect(senseOfText(text)).toBe('account_limit');
  });

  it.each(VERDICTS)('%p is a verdict on the input', (text) => {
    expect(senseOfText(text)).toBe('content_filter');
  });

  it.each([
    ['Incorrect API key provided: x', 'authentication'],
    ['API key not valid. Please pass a valid API key.', 'authentication'],
    ['Your account has been suspended for violating our usage policies', 'authentication'],
    ['Your credit balance is too low to access the Anthropic API.', 'quota_exhausted'],
    ['Insufficient Balance', 'quota_exhausted'],
    ['Budget has been exceeded! Current cost: 10.2, Max budget: 10.0', 'quota_exhausted'],
    ['This request requires more credits, or fewer max_tokens.', 'quota_exhausted'],
    ['The model `gpt-4.1-foo` does not exist or you do not have access to it.', 'model_not_found'],
    ['Model Not Exist', 'model_not_found'],
    ["model 'llama9' not found, try pulling it first", 'model_not_found'],
    ['No endpoints found matching your data policy', undefined],
    ['temperature is not supported with this model', undefined],
    ['Something odd', undefined],
  ])('%p is %p', (text, sense) => {
    expect(senseOfText(text)).toBe(sense);
  });

  it('is bounded in work, whatever stands there', () => {
    const pieces = [
      'a',
      ' ',
      'model ',
      'input ',
      'a.',
      'x[0]',
      'content ',
      'limit ',
      '1',
      'api key ',
      '"',
      'context ',
    ];
    for (const piece of pieces) {
      const before = performance.now();
      senseOfText(piece.repeat(120_000));
      expect(performance.now() - before).toBeLessThan(500);
    }
  });

  it('fails for nothing', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof senseOfText(text) !== 'number'));
  });
});

describe('senseOf', () => {
  it.each([
    ['context_length_exceeded', 'context_length'],
    ['exceed_context_size_error', 'context_length'],
    ['ContextWindowExceededError', 'context_length'],
    ['model_max_prompt_tokens_exceeded', 'context_length'],
    ['prompt_too_long', 'context_length'],
    ['content_policy_violation', 'content_filter'],
    ['content_filter', 'content_filter'],
    ['ResponsibleAIPolicyViolation', 'content_filter'],
    ['data_inspection_failed', 'content_filter'],
    ['DataInspectionFailed', 'content_filter'],
    ['moderation_blocked', 'content_filter'],
    ['rate_limit_exceeded', 'account_limit'],
    ['userRateLimitExceeded', 'account_limit'],
    ['insufficient_quota', 'quota_exhausted'],
    ['billing_hard_limit_reached', 'quota_exhausted'],
    ['invalid_api_key', 'authentication'],
    ['API_KEY_INVALID', 'authentication'],
    ['model_not_found', 'model_not_found'],
    ['invalid_request_error', undefined],
    ['request_too_large', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
  ])('understands the code %p as %p', (code, sense) => {
    expect(senseOf(readErrorBody({ error: { message: 'Bad.', code } }))).toBe(sense);
  });

  it('lets the innermost words decide', () => {
    const raw = JSON.stringify({ error: { message: 'prompt is too long: 5 tokens > 4 maximum' } });
    const body = { error: { message: 'Provider returned error', code: 400, metadata: { raw } } };
    expect(senseOf(readErrorBody(body))).toBe('context_length');
  });
});

describe('isTooLargeForAccount', () => {
  it('tells one request that never fits from one too many', () => {
    const of = (text: string): boolean => isTooLargeForAccount({ sentences: [text] });
    expect(of(GROQ)).toBe(true);
    expect(of('Limit 10000, Requested 20000. The input or output tokens must be reduced.')).toBe(true);
    expect(of('tokens per min (TPM): Limit 10000, Used 9000, Requested 2000.')).toBe(false);
  });
});
