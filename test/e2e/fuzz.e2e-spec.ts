import fc from 'fast-check';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const INHERITED = Object.getOwnPropertyNames(Object.prototype);

const word = fc.oneof(
  fc.constantFrom(
    ...INHERITED,
    'prototype',
    '',
    ' ',
    '\u0000',
    '\ud800',
    '=1+1',
    '../../x',
    'auto',
    'user',
    'text',
  ),
  fc.string({ maxLength: 12 }),
);
const scalar = fc.oneof(
  word,
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1e308, 2 ** 53, 1.5, [], {}),
);
const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('json'), { maxLength: 3 }),
    fc.dictionary(word, tie('json'), { maxKeys: 3 }),
  ),
}));

const message = fc.oneof(
  fc.record({ role: fc.oneof(fc.constantFrom('user', 'assistant', 'tool', 'system'), json), content: json }),
  json,
);
const names = [
  'prompt',
  'systemPrompt',
  'temperature',
  'maxTokens',
  'stopSequences',
  'stop',
  'stream',
  'providerId',
  'model',
  'fallbacks',
  'priority',
  'timeout',
  'cache',
  'metadata',
  'tools',
  'toolChoice',
  'tool_choice',
  'responseFormat',
  'response_format',
  'user',
  'name',
  'type',
  'apiKey',
  'endpoint',
  'pricing',
  'rateLimit',
  'isActive',
  ...INHERITED,
];
const body = fc.oneof(
  json,
  fc.dictionary(fc.constantFrom(...names), json, { maxKeys: 4 }),
  fc.record({ model: fc.constant('auto'), messages: fc.array(message, { maxLength: 3 }) }),
  fc.record({ prompt: fc.constant('x'), metadata: fc.dictionary(word, word, { maxKeys: 3 }) }),
);

const BODIES = [
  'POST /ai-providers',
  'POST /ai-providers/complete',
  'POST /ai-providers/routing/explain',
  'POST /ai-providers/v1/chat/completions',
  'PUT /ai-providers/00000000-0000-4000-8000-000000000000',
  'POST /ai-providers/jobs',
];
const QUERIES = [
  '/ai-providers',
  '/ai-providers/health/check',
  '/ai-providers/statistics/usage',
  '/ai-providers/statistics/cost',
  '/ai-providers/statistics/performance',
  '/ai-providers/statistics/requests',
  '/ai-providers/alerts',
  '/ai-providers/v1/models',
  '/ai-providers/metrics',
];
const PARAMETERS = [
  'type',
  'isActive',
  'startDate',
  'endDate',
  'providerId',
  'groupBy',
  'step',
  'by',
  'timezone',
  'format',
  'status',
  'refresh',
  ...INHERITED,
];

describe('whatever is sent to the API', () => {
  let service: RunningService;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    upstream.default({ text: 'Hello' });
    service = await RunningService.start({ AI_RETRY_MAX_ATTEMPTS: '1' });
    await registerProvider(service, upstream);
  }, 90_000);

  afterAll(async () => {
    await service?.stop();
    await upstream?.stop();
  }, 30_000);

  const isNoFaultOfOurs = (status: number, text: string, asked: unknown): void => {
    if (status === 500 || text.length > 100_000)
      throw new Error(`${status} for ${JSON.stringify(asked)}: ${text.slice(0, 500)}`);
  };

  it('as a body is never a 500', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...BODIES), body, async (route, given) => {
        const [method = '', path = ''] = route.split(' ');
        const { status, text } = await service.call(method, path, JSON.stringify(given));
        isNoFaultOfOurs(status, text, [route, given]);
      }),
      { numRuns: 1_500 },
    );
  }, 240_000);

  it('as a query, a path or a header is never a 500', async () => {
    const query = fc.dictionary(fc.oneof(fc.constantFrom(...PARAMETERS), word), word, { maxKeys: 3 });
    const ids = fc.oneof(word, fc.constantFrom('..', '%2e%2e', '%00', '%', '%zz', 'health', 'metrics'));
    const encoded = (text: string): string => encodeURIComponent(text.toWellFormed());
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...QUERIES),
        query,
        ids,
        fc.boolean(),
        async (path, asked, id, byId) => {
          const search = Object.entries(asked).map(([name, value]) => `${encoded(name)}=${encoded(value)}`);
          const where = `${path}${byId ? `/${/^[.%]/.test(id) ? id : encoded(id)}` : ''}?${search.join('&')}`;
          const { status, text } = await service.call('GET', where);
          isNoFaultOfOurs(status, text, where);
        },
      ),
      { numRuns: 600 },
    );
    const header = fc.stringMatching(/^[\x20-\x7e]{0,40}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          'x-request-id',
          'accept',
          'traceparent',
          'idempotency-key',
          'if-match',
          'authorization',
          'x-api-key',
        ),
        header,
        async (name, value) => {
          const { status, text } = await service.call('GET', '/ai-providers/statistics/usage', undefined, {
            [name]: value,
          });
          isNoFaultOfOurs(status, text, [name, value]);
        },
      ),
      { numRuns: 200 },
    );
  }, 240_000);
});
