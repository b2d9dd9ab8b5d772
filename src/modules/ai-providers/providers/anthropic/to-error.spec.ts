import { VendorRefusal } from '../refusals/vendor-refusal.js';
import { errorFromBody, toError } from './to-error.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');

function answered(
  status: number,
  type: string,
  message: string,
  headers: Record<string, string> = {},
  code?: string,
): VendorRefusal {
  const error = { type, message, ...(code && { details: { error_code: code } }) };
  return new VendorRefusal(
    status,
    new Headers(headers),
    JSON.stringify({ type: 'error', error, request_id: 'r' }),
  );
}

describe('toError (Anthropic)', () => {
  it.each([
    [400, 'invalid_request_error', 'messages: at least one message is required', 'invalid_request'],
    [400, 'invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum', 'context_length'],
    [
      400,
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 190000 + 64000 > 200000',
      'context_length',
    ],
    [
      400,
      'invalid_request_error',
      'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing.',
      'quota_exhausted',
    ],
    [
      400,
      'invalid_request_error',
      'You have reached your specified API usage limits. You will regain access on 2026-02-01 at 00:00 UTC.',
      'quota_exhausted',
    ],
    [400, 'invalid_request_error', 'Output blocked by content filtering policy', 'content_filter'],
    [401, 'authentication_error', 'invalid x-api-key', 'authentication'],
    [402, 'billing_error', 'Billing error', 'quota_exhausted'],
    [403, 'permission_error', 'Your API key does not have permission', 'authentication'],
    [404, 'not_found_error', 'model: claude-nope', 'model_not_found'],
    [409, 'conflict_error', 'Conflict', 'server_error'],
    [413, 'request_too_large', 'Request exceeds the maximum size', 'invalid_request'],
    [
      429,
      'rate_limit_error',
      'Number of request tokens has exceeded your per-minute rate limit',
      'rate_limited',
    ],
    [500, 'api_error', 'Internal server error', 'server_error'],
    [504, 'timeout_error', 'Request timeout', 'timeout'],
    [529, 'overloaded_error', 'Overloaded', 'server_error'],
  ] as const)('maps %i %s "%s" to %s', (status, type, message, fault) => {
    expect(toError(answered(status, type, message), NOW)).toMatchObject({ fault, status, message });
  });

  it('keeps how long to stay away, in seconds or as a date', () => {
    const inSeconds = answered(429, 'rate_limit_error', 'slow down', { 'retry-after': '7' });
    expect(toError(inSeconds, NOW)).toMatchObject({ fault: 'rate_limited', retryAfterMs: 7000 });
    const asDate = answered(529, 'overloaded_error', 'Overloaded', {
      'retry-after': 'Thu, 01 Jan 2026 00:00:09 GMT',
    });
    expect(toError(asDate, NOW)).toMatchObject({ fault: 'server_error', retryAfterMs: 9000 });
  });

  it('knows a spent tier from a passing rate', () => {
    const error = answered(429, 'rate_limit_error', 'Tier limit', {}, 'enforced_spend_limit_reached');
    expect(toError(error, NOW).fault).toBe('quota_exhausted');
  });

  it('marks a 504 as the gateway’s timeout', () => {
    expect(toError(answered(504, 'timeout_error', 'late'), NOW).phase).toBe('gateway');
  });

  it('says something readable about an answer that is no JSON', () => {
    const error = new VendorRefusal(502, new Headers(), '<html>bad gateway</html>');
    expect(toError(error, NOW)).toMatchObject({ fault: 'server_error', status: 502 });
    expect(toError(error, NOW).message).not.toContain('<html>');
  });
});

describe('errorFromBody (Anthropic)', () => {
  it.each([
    ['overloaded_error', 'server_error', 529],
    ['rate_limit_error', 'rate_limited', 429],
    ['api_error', 'server_error', 500],
    ['invalid_request_error', 'invalid_request', 400],
    ['unheard_of_error', 'server_error', undefined],
  ] as const)('maps %s inside a stream to %s', (type, fault, status) => {
    expect(errorFromBody({ type: 'error', error: { type, message: 'm' } })).toMatchObject({ fault, status });
  });
});
