import { describe, expect, it } from '@jest/globals';
import { readErrorBody } from './body/error-body.js';
import type { ErrorReading } from './body/error-reading.interface.js';
import { faultOf, vendorError } from './http-fault.js';

/** As OpenAI writes it. */
const said = (error: { message?: string; code?: string; type?: string } = {}): ErrorReading =>
  readErrorBody({ error });

const NOW = Date.UTC(2026, 10, 22);

describe('faultOf', () => {
  it.each([
    [301, 'server_error'],
    [400, 'invalid_request'],
    [401, 'authentication'],
    [402, 'quota_exhausted'],
    [403, 'authentication'],
    [404, 'model_not_found'],
    [405, 'model_not_found'],
    [406, 'model_not_found'],
    [407, 'authentication'],
    [408, 'server_error'],
    [409, 'server_error'],
    [410, 'model_not_found'],
    [413, 'invalid_request'],
    [415, 'model_not_found'],
    [418, 'model_not_found'],
    [421, 'model_not_found'],
    [422, 'invalid_request'],
    [423, 'server_error'],
    [424, 'server_error'],
    [425, 'server_error'],
    [426, 'model_not_found'],
    [429, 'rate_limited'],
    [431, 'model_not_found'],
    [440, 'server_error'],
    [499, 'server_error'],
    [500, 'server_error'],
    [502, 'server_error'],
    [503, 'server_error'],
    [504, 'timeout'],
    [520, 'server_error'],
    [529, 'server_error'],
  ])('a bare %p is %p', (status, fault) => {
    expect(faultOf({ status, said: said() })).toBe(fault);
  });

  it.each([
    [429, 'insufficient_quota', 'quota_exhausted'],
    [429, 'rate_limit_exceeded', 'rate_limited'],
    [400, 'context_length_exceeded', 'context_length'],
    [400, 'content_filter', 'content_filter'],
    [400, 'content_policy_violation', 'content_filter'],
    [400, 'invalid_api_key', 'authentication'],
    [400, 'model_not_found', 'model_not_found'],
    [400, 'unsupported_parameter', 'invalid_request'],
    [500, 'context_length_exceeded', 'context_length'],
    [413, 'rate_limit_exceeded', 'account_limit'],
    [403, 'content_policy_violation', 'content_filter'],
    [451, 'content_filter', 'content_filter'],
    [400, 'constructor', 'invalid_request'],
    [400, '__proto__', 'invalid_request'],
  ])('%p with the code %p is %p', (status, code, fault) => {
    expect(faultOf({ status, said: said({ code }) })).toBe(fault);
  });

  it.each([
    [415, 'Unsupported media type: image/bmp is not a supported image format'],
    [415, 'The attached document could not be read'],
    [406, { message: 'must be a string', param: 'messages.0.content' }],
    [410, { message: 'no longer taken', param: 'tools' }],
  ])('a %p about the input is the caller\u2019s: %j', (status, error) => {
    expect(faultOf({ status, said: readErrorBody({ error }) })).toBe('invalid_request');
  });

  it('a 410 about a retired model, and a 405 about the method, are not', () => {
    const retired = readErrorBody({ error: { message: 'This model was retired.', param: 'model' } });
    expect(faultOf({ status: 410, said: retired })).toBe('model_not_found');
    const method = readErrorBody({ detail: 'Method Not Allowed' });
    expect(faultOf({ status: 405, said: method })).toBe('model_not_found');
  });

  it.each([
    "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens",
    'the request exceeds the available context size, try increasing it',
    'prompt is too long: 210000 tokens > 200000 maximum',
    'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000',
    'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    '`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 `inputs` tokens',
    'Input is too long for requested model.',
    'too many tokens: total number of tokens cannot exceed 4081',
    'Requested tokens (5000) exceed context window of 4096',
  ])('tells a context that is too long by the text %p', (message) => {
    expect(faultOf({ status: 400, said: said({ message }) })).toBe('context_length');
  });

  it('does not take a too large max_tokens for a too long context', () => {
    const message = 'max_tokens is too large: 50000. This model supports at most 16384 completion tokens';
    expect(faultOf({ status: 400, said: said({ message }) })).toBe('invalid_request');
  });

  it.each([
    [{ type: 'rate_limit_exceeded' }, 'rate_limited'],
    [{ type: 'invalid_request_error' }, 'invalid_request'],
    [{ type: 'overloaded_error' }, 'server_error'],
    [{ code: 'context_length_exceeded' }, 'context_length'],
    [{ message: 'something broke' }, 'server_error'],
  ])('%j without a status is %p', (failure, fault) => {
    expect(faultOf({ said: said(failure) })).toBe(fault);
  });
});

describe('vendorError', () => {
  it('holds what the vendor said', () => {
    const headers = new Headers({ 'retry-after': '3' });
    const failure = {
      status: 429,
      said: said({ code: 'rate_limit_exceeded', message: 'Slow down' }),
      headers,
    };
    expect(vendorError(failure, NOW)).toMatchObject({
      fault: 'rate_limited',
      message: 'Slow down',
      status: 429,
      vendorCode: 'rate_limit_exceeded',
      retryAfterMs: 3_000,
    });
  });

  it("says that a 504 is the vendor's own timeout", () => {
    expect(vendorError({ status: 504, said: said() }, NOW)).toMatchObject({
      fault: 'timeout',
      phase: 'gateway',
    });
  });

  it.each(['', '{}', '<html><body>Bad gateway</body></html>'])(
    'names the status where the text is %p',
    (body) => {
      expect(vendorError({ status: 502, said: readErrorBody(body) }, NOW).message).toBe(
        'The provider answered 502.',
      );
    },
  );
});
