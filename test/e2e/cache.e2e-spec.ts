import type { CompletionResponse } from '../../src/modules/ai-providers/interfaces/completion.interface.js';
import type { ProviderMetrics } from '../../src/modules/ai-providers/interfaces/monitoring/provider-metrics.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { answer, status } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { streamCompletion } from './support/event-stream.reader.js';
import { deactivateAll, registerProvider, TYPES } from './support/providers.js';
import { RunningService, type Answer } from './support/running-service.js';

const PRICING = { inputTokenCost: 0.03, outputTokenCost: 0.06, currency: 'USD' };
const USAGE = { prompt: 100, completion: 20 };

let serial = 0;
const prompt = (): string => `Cached question ${++serial}`;

describe('answers that are there already', () => {
  let service: RunningService;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [service, upstream] = await Promise.all([
      RunningService.start({ AI_CACHE_TTL_SECONDS: '300' }),
      FakeUpstream.start(),
    ]);
  }, 90_000);

  afterAll(() => Promise.all([service.stop(), upstream.stop()]));

  afterEach(async () => {
    upstream.clear();
    await deactivateAll(service);
  });

  const complete = (body: object, path = '/ai-providers/complete'): Promise<Answer<CompletionResponse>> =>
    service.call<CompletionResponse>('POST', path, body);
  const cacheOf = ({ headers }: { headers: Headers }): string | null => headers.get('x-cache');

  it.each(TYPES)('are given again without asking a vendor of type %s', async (type) => {
    const { id } = await registerProvider(service, upstream, { type, pricing: PRICING });
    upstream.default({ text: 'A fine answer', usage: USAGE });
    const asked = { prompt: prompt() };
    const first = await complete(asked);
    const again = await complete(asked);
    const streamed = await streamCompletion(service.url, asked);
    expect([first, again, streamed].map(cacheOf)).toEqual(['MISS', 'HIT', 'HIT']);
    expect(again.body).toMatchObject({
      content: 'A fine answer',
      cached: true,
      providerId: id,
      usage: first.body.usage,
      cost: { input: 0, output: 0, total: 0, currency: 'USD' },
    });
    expect(streamed).toMatchObject({ content: 'A fine answer', done: true });
    expect(streamed.chunks.at(-1)).toMatchObject({ done: true, cached: true, cost: { total: 0 } });
    expect(upstream.calls).toHaveLength(1);
    const { body } = await service.call<ProviderMetrics>('GET', `/ai-providers/metrics/${id}`);
    expect(body).toMatchObject({
      totalRequests: 3,
      successfulRequests: 3,
      cachedRequests: 2,
      totalTokensUsed: 120,
      totalCost: first.body.cost?.total,
    });
  });

  it('come from a stream that was whole, and not from one that was cut', async () => {
    await registerProvider(service, upstream, { retryAttempts: 1 });
    upstream.default({ text: 'Said in a stream' });
    const asked = { prompt: prompt() };
    upstream.next({ answer: { text: 'Said' }, fault: { how: 'cut', at: { events: 2 } } });
    expect((await streamCompletion(service.url, asked)).done).toBe(false);
    expect(cacheOf(await streamCompletion(service.url, asked))).toBe('MISS');
    const plain = await complete(asked);
    expect([cacheOf(plain), plain.body.content]).toEqual(['HIT', 'Said in a stream']);
    expect(upstream.calls).toHaveLength(2);
  });

  it('are for OpenAI’s clients too', async () => {
    await registerProvider(service, upstream);
    const asked = { model: 'test-model', messages: [{ role: 'user', content: prompt() }] };
    const path = '/ai-providers/v1/chat/completions';
    const answers = [await complete(asked, path), await complete(asked, path)];
    expect(answers.map(cacheOf)).toEqual(['MISS', 'HIT']);
    expect(upstream.calls).toHaveLength(1);
  });

  it('are not wanted with `cache: false`', async () => {
    await registerProvider(service, upstream);
    const asked = { prompt: prompt(), cache: false };
    expect([await complete(asked), await complete(asked)].map(cacheOf)).toEqual(['BYPASS', 'BYPASS']);
    expect(upstream.calls).toHaveLength(2);
  });

  it('are forgotten after the time the request names', async () => {
    await registerProvider(service, upstream);
    const asked = { prompt: prompt(), cache: { ttl: 1 } };
    expect(cacheOf(await complete(asked))).toBe('MISS');
    expect(cacheOf(await complete(asked))).toBe('HIT');
    await eventually(5_000, async () => cacheOf(await complete(asked)) === 'MISS');
  });

  it('are asked for anew once the provider has changed', async () => {
    const { id } = await registerProvider(service, upstream);
    const asked = { prompt: prompt() };
    await complete(asked);
    await service.call('PUT', `/ai-providers/${id}`, { temperature: 0.2 });
    expect(cacheOf(await complete(asked))).toBe('MISS');
    expect(cacheOf(await complete(asked))).toBe('HIT');
  });

  it('are never errors', async () => {
    await registerProvider(service, upstream, { retryAttempts: 1 });
    const asked = { prompt: prompt() };
    upstream.next(status(500));
    expect((await complete(asked)).status).toBe(502);
    expect((await complete(asked)).status).toBe(200);
  });

  it('make one call of identical requests at the same time, plain and streamed', async () => {
    await registerProvider(service, upstream);
    upstream.default({ ...answer({ text: 'One for all', usage: USAGE }), delayMs: 300 });
    const asked = { prompt: prompt() };
    const plain = Promise.all(Array.from({ length: 20 }, () => complete(asked)));
    const streams = Promise.all(Array.from({ length: 5 }, () => streamCompletion(service.url, asked)));
    const [answers, streamed] = await Promise.all([plain, streams]);
    expect(upstream.calls).toHaveLength(1);
    expect(answers.map(({ body }) => body.content)).toEqual(Array(20).fill('One for all'));
    expect(streamed.map(({ content, done }) => [content, done])).toEqual(
      Array(5).fill(['One for all', true]),
    );
    expect([...answers, ...streamed].filter((each) => cacheOf(each) === 'MISS')).toHaveLength(1);
  });

  it('go on when the one that asked hangs up', async () => {
    await registerProvider(service, upstream);
    upstream.default({ ...answer({ text: 'For those who wait' }), delayMs: 1_500 });
    const asked = { prompt: prompt() };
    const leader = new AbortController();
    const left = fetch(`${service.url}/ai-providers/complete`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asked),
      signal: leader.signal,
    }).catch(() => 'left');
    await eventually(5_000, () => upstream.calls.length === 1);
    const others = [complete(asked), complete(asked)];
    const inFlight = async (): Promise<string> => (await service.call('GET', '/metrics')).text;
    await eventually(5_000, async () => /^ai_providers_requests_in_flight 3$/m.test(await inFlight()));
    leader.abort();
    expect(await left).toBe('left');
    expect((await Promise.all(others)).map(({ status: code, body }) => [code, body.content])).toEqual(
      Array(2).fill([200, 'For those who wait']),
    );
    expect(upstream.calls).toHaveLength(1);
  });
});
