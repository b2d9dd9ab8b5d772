import type { AIProviderView } from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import type { CompletionResponse } from '../../src/modules/ai-providers/interfaces/completion.interface.js';
import type {
  CostReport,
  UsageReport,
} from '../../src/modules/ai-providers/interfaces/monitoring/statistics-report.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { answer } from '../fakes/upstream/upstream-script.js';
import { streamCompletion } from './support/event-stream.reader.js';
import { deactivateAll, registerProvider, TYPES } from './support/providers.js';
import { RunningService, type Answer } from './support/running-service.js';

const TIER = { abovePromptTokens: 200_000, inputTokenCost: 0.006, outputTokenCost: 0.0225 };
const PRICING = {
  inputTokenCost: 0.003,
  outputTokenCost: 0.015,
  cachedInputTokenCost: 0.0003,
  cacheWriteTokenCost: 0.00375,
  cacheWrite1hTokenCost: 0.006,
  currency: 'USD',
  tiers: [{ ...TIER, cachedInputTokenCost: 0.0006 }],
};

const messages = [{ role: 'user', content: 'Hi' }];

describe('the prices of a provider', () => {
  let service: RunningService;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [service, upstream] = await Promise.all([RunningService.start(), FakeUpstream.start()]);
  }, 90_000);

  afterEach(async () => {
    await deactivateAll(service);
    upstream.clear();
  });

  afterAll(() => Promise.all([service.stop(), upstream.stop()]));

  const complete = (body: object): Promise<Answer<CompletionResponse>> =>
    service.call('POST', '/ai-providers/complete', { prompt: 'Hi', ...body });

  it('are shown as they were set, and can be sent back', async () => {
    const { id } = await registerProvider(service, upstream, { pricing: PRICING });
    const shown = await service.call<AIProviderView>('GET', `/ai-providers/${id}`);
    expect(shown.body.pricing).toEqual(PRICING);
    const put = await service.call<AIProviderView>('PUT', `/ai-providers/${id}`, shown.body);
    expect([put.status, put.body.pricing]).toEqual([200, PRICING]);
    const { inputTokenCost, outputTokenCost, currency } = PRICING;
    const pricing = { inputTokenCost, outputTokenCost, currency };
    const replaced = await service.call<AIProviderView>('PUT', `/ai-providers/${id}`, { pricing });
    expect(replaced.body.pricing).toEqual(pricing);
  });

  it.each([
    ['pricing.cachedInputTokenCost', { cachedInputTokenCost: -1 }],
    ['pricing.cacheWriteTokenCost', { cacheWriteTokenCost: '1' }],
    ['pricing.cacheWrite1hTokenCost', { cacheWrite1hTokenCost: 1e300 }],
    ['pricing.tiers', { tiers: 'none' }],
    [
      'pricing.tiers',
      { tiers: Array.from({ length: 11 }, (_, above) => ({ ...TIER, abovePromptTokens: above })) },
    ],
    ['pricing.tiers', { tiers: [TIER, { ...TIER, inputTokenCost: 1 }] }],
    ['pricing.tiers.0', { tiers: [null] }],
    ['pricing.tiers.0.abovePromptTokens', { tiers: [{ ...TIER, abovePromptTokens: -1 }] }],
    ['pricing.tiers.0.abovePromptTokens', { tiers: [{ ...TIER, abovePromptTokens: 1.5 }] }],
    ['pricing.tiers.0.abovePromptTokens', { tiers: [{ ...TIER, abovePromptTokens: undefined }] }],
    ['pricing.tiers.0.currency', { tiers: [{ ...TIER, currency: 'EUR' }] }],
    ['pricing.tiers.1.outputTokenCost', { tiers: [TIER, { abovePromptTokens: 1, inputTokenCost: 1 }] }],
  ])('are refused, naming %s, with %j', async (field, wrong) => {
    const { status, body } = await service.call<{ errors: { field: string }[] }>('POST', '/ai-providers', {
      name: 'Wrongly priced',
      type: 'OPENAI',
      model: 'm',
      apiKey: 'sk-test-0123456789abcdef',
      pricing: { ...PRICING, ...wrong },
    });
    expect([status, body.errors.map((error) => error.field)]).toEqual([400, [field]]);
  });

  it('are not those of another model that a caller pins', async () => {
    const { id } = await registerProvider(service, upstream, { model: 'own', pricing: PRICING });
    upstream.default(answer({ usage: { prompt: 1_000, completion: 1_000 } }));
    const own = await complete({ providerId: id });
    expect(own.body.cost).toMatchObject({ input: 0.003, output: 0.015, total: 0.018, source: 'provider' });
    const other = await complete({ providerId: id, model: 'other' });
    expect(upstream.lastCall.body['model']).toBe('other');
    expect(other.body).toMatchObject({ usage: { totalTokens: 2_000, source: 'reported' }, cost: null });
    const { body } = await service.call<CostReport>('GET', `/ai-providers/statistics/cost?providerId=${id}`);
    expect(body).toMatchObject({ totalCost: 0.018, unpricedRequests: 1 });
  });

  it.each(TYPES)(
    '%s: one caller’s endless answer takes nothing of the minute from another’s',
    async (type) => {
      await registerProvider(service, upstream, {
        type,
        rateLimit: { requestsPerMinute: 100, tokensPerMinute: 10_000 },
      });
      upstream.default({ answer: { usage: { prompt: 10, completion: 10 } }, delayMs: 1_500 });
      let isAnswered = false;
      const greedy = complete({ prompt: 'All of it', maxTokens: 2_000_000_000 }).then(({ status }) => {
        isAnswered = true;
        return status;
      });
      await upstream.arrival(1);
      upstream.default({});
      expect((await complete({ prompt: 'A little', maxTokens: 10 })).status).toBe(200);
      expect(isAnswered).toBe(false);
      expect(await greedy).toBe(200);
    },
  );

  it.each(TYPES)(
    '%s: counts that no request can hold are unknown, and harm no other request',
    async (type) => {
      const { id } = await registerProvider(service, upstream, { type, pricing: PRICING });
      // The one fits a double, and no context window; the other neither.
      upstream.default(answer({ usage: { prompt: 30_000_000, completion: 2 ** 63 } }));
      const unknown = {
        usage: { promptTokens: null, completionTokens: null, totalTokens: null, source: 'unknown' },
        cost: null,
      };
      expect((await complete({})).body).toMatchObject(unknown);
      expect((await streamCompletion(service.url, { prompt: 'Hi' })).chunks.at(-1)).toMatchObject(unknown);
      const ask = { model: 'auto', messages };
      const plain = await service.call('POST', '/ai-providers/v1/chat/completions', ask);
      expect(plain.body['usage']).toBeNull();
      const streamed = await service.call('POST', '/ai-providers/v1/chat/completions', {
        ...ask,
        stream: true,
        stream_options: { include_usage: true },
      });
      expect(streamed.text).not.toMatch(/_tokens|\d{15}/);
      expect(streamed.text).toContain('[DONE]');

      upstream.default(answer({ usage: { prompt: 100, completion: 10 } }));
      for (let number = 0; number < 10; number += 1) await complete({ prompt: `Later ${number}` });
      const read = async <T>(kind: string): Promise<T> =>
        (await service.call<T>('GET', `/ai-providers/statistics/${kind}?providerId=${id}`)).body;
      expect(await read<UsageReport>('usage')).toMatchObject({
        totalRequests: 14,
        promptTokens: 1_000,
        completionTokens: 100,
        unknownUsageRequests: 4,
      });
      expect(await read<CostReport>('cost')).toMatchObject({ totalCost: 0.0045, unpricedRequests: 4 });
      expect((await service.call('GET', '/metrics')).text).toContain(
        'ai_providers_journal_set_aside_total 0',
      );
    },
  );
});
