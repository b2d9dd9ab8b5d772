import type { ProviderError } from '../../errors/provider.error.js';
import { VendorRefusal } from '../refusals/vendor-refusal.js';
import { errorFromBody, toError } from './to-error.js';

const NOW = Date.parse('2026-01-01T00:00:00Z');
const quota = (...quotaIds: string[]): object => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: quotaIds.map((quotaId) => ({ quotaId, quotaMetric: 'generate_content_free_tier_requests' })),
});
const retryInfo = (retryDelay: string): object => ({
  '@type': 'type.googleapis.com/google.rpc.RetryInfo',
  retryDelay,
});
const errorInfo = (reason: string): object => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
});

interface Refusal {
  code: number;
  status: string;
  message: string;
  details?: object[];
}

const answered = (error: Refusal, headers: Record<string, string> = {}): VendorRefusal =>
  new VendorRefusal(error.code, new Headers(headers), JSON.stringify({ error }));

const REFUSALS: [string, Refusal, object][] = [
  [
    'a bad key, which comes as a 400',
    {
      code: 400,
      status: 'INVALID_ARGUMENT',
      message: 'API key not valid. Please pass a valid API key.',
      details: [errorInfo('API_KEY_INVALID')],
    },
    { fault: 'authentication', status: 400, vendorCode: 'API_KEY_INVALID' },
  ],
  [
    'a bad key without details',
    { code: 400, status: 'INVALID_ARGUMENT', message: 'API key not valid. Please pass a valid API key.' },
    { fault: 'authentication' },
  ],
  [
    'a context that is too long',
    {
      code: 400,
      status: 'INVALID_ARGUMENT',
      message: 'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    },
    { fault: 'context_length' },
  ],
  [
    'a wrong request',
    { code: 400, status: 'INVALID_ARGUMENT', message: 'Invalid JSON payload received. Unknown name "x"' },
    { fault: 'invalid_request' },
  ],
  [
    'a place that Google does not serve',
    { code: 400, status: 'FAILED_PRECONDITION', message: 'User location is not supported for the API use.' },
    { fault: 'authentication' },
  ],
  [
    'a denied permission',
    { code: 403, status: 'PERMISSION_DENIED', message: 'Your API key was reported as leaked.' },
    { fault: 'authentication' },
  ],
  [
    'a model that is not there',
    { code: 404, status: 'NOT_FOUND', message: 'models/nope is not found for API version v1beta' },
    { fault: 'model_not_found' },
  ],
  [
    'a rate that passes',
    {
      code: 429,
      status: 'RESOURCE_EXHAUSTED',
      message: 'You exceeded your current quota, please check your plan and billing details.',
      details: [quota('GenerateRequestsPerMinutePerProjectPerModel-FreeTier'), retryInfo('12s')],
    },
    { fault: 'rate_limited', retryAfterMs: 12_000 },
  ],
  [
    'a fraction of a second',
    { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'x', details: [retryInfo('0.5s')] },
    { fault: 'rate_limited', retryAfterMs: 500 },
  ],
  [
    'a spent day',
    {
      code: 429,
      status: 'RESOURCE_EXHAUSTED',
      message: 'You exceeded your current quota, please check your plan and billing details.',
      details: [
        quota(
          'GenerateRequestsPerMinutePerProjectPerModel',
          'GenerateRequestsPerDayPerProjectPerModel-FreeTier',
        ),
        retryInfo('45s'),
      ],
    },
    { fault: 'quota_exhausted' },
  ],
  [
    'a spent purse',
    { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Your prepayment credits are depleted.' },
    { fault: 'quota_exhausted' },
  ],
  [
    'an exhausted resource without a word',
    { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'Resource has been exhausted (e.g. check quota).' },
    { fault: 'rate_limited', retryAfterMs: undefined },
  ],
  ['a fault of theirs', { code: 500, status: 'INTERNAL', message: 'Internal' }, { fault: 'server_error' }],
  [
    'an overloaded model',
    { code: 503, status: 'UNAVAILABLE', message: 'The model is overloaded.' },
    { fault: 'server_error' },
  ],
  [
    'their own deadline',
    { code: 504, status: 'DEADLINE_EXCEEDED', message: 'Deadline expired' },
    { fault: 'timeout', phase: 'gateway' },
  ],
];

describe('toError (Gemini)', () => {
  it.each(REFUSALS)('maps %s', (_what, refusal, expected) => {
    expect(toError(answered(refusal), NOW)).toMatchObject({ ...expected, message: refusal.message });
  });

  it('lets the Retry-After header go before the body', () => {
    const refusal = { code: 429, status: 'RESOURCE_EXHAUSTED', message: 'x', details: [retryInfo('12s')] };
    expect(toError(answered(refusal, { 'retry-after': '3' }), NOW).retryAfterMs).toBe(3000);
  });

  it('reads an error in a list, in a text, in a page', () => {
    const of = (body: string): ProviderError => toError(new VendorRefusal(503, new Headers(), body), NOW);
    const list = JSON.stringify([{ error: { code: 503, message: 'Busy.' } }]);
    expect(of(list)).toMatchObject({ fault: 'server_error', message: 'Busy.' });
    expect(of('{"error":"Busy."}').message).toBe('Busy.');
    expect(of('<html>x</html>').message).not.toContain('<html>');
    expect(of('').message).not.toBe('');
  });
});

describe('errorFromBody (Gemini)', () => {
  it('takes the status from the body', () => {
    const error = { code: 429, message: 'Slow down', status: 'RESOURCE_EXHAUSTED' };
    expect(errorFromBody({ error })).toMatchObject({
      fault: 'rate_limited',
      status: 429,
      message: 'Slow down',
    });
  });
});
