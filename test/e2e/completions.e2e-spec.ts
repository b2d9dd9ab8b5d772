import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { raw, reset, stall, status } from '../fakes/upstream/upstream-script.js';
import type { CompletionResponse } from '../../src/modules/ai-providers/interfaces/completion.interface.js';
import { endpointOf, registerProvider, TYPES } from './support/providers.js';
import type { Answer, RunningService } from './support/running-service.js';
import { startServiceAndVendors } from './support/service-and-vendors.js';

describe('a plain completion', () => {
  let service: RunningService;
  let upstream: FakeUpstream;
  let second: FakeUpstream;

  const complete = (body: object, headers?: Record<string, string>): Promise<Answer<CompletionResponse>> =>
    service.call('POST', '/ai-providers/complete', body, headers);

  startServiceAndVendors((started) => {
    ({ service, upstream, second } = started);
  });

  describe.each(TYPES)('from %s', (type) => {
    it('is answered in one form with usage, cost and trail', async () => {
      const provider = await registerProvider(service, upstream, {
        type,
        pricing: { inputTokenCost: 0.03, outputTokenCost: 0.06, currency: 'USD' },
      });
      upstream.default({ text: 'Hello there', usage: { prompt: 12, completion: 34 } });
      const { status: code, body, headers } = await complete({ prompt: 'Hi' });
      expect(code).toBe(200);
      expect(headers.get('x-request-id')).toMatch(/./);
      expect(body).toMatchObject({
        content: 'Hello there',
        finishReason: 'stop',
        providerId: provider.id,
        providerName: provider.name,
        providerType: type,
        usage: { promptTokens: 12, completionTokens: 34, totalTokens: 46, source: 'reported' },
        cost: { input: 0.00036, output: 0.00204, total: 0.0024, currency: 'USD' },
        cached: false,
        attempts: [{ providerId: provider.id, outcome: 'success' }],
      });
    });

    it('has no cost where the provider has no pricing', async () => {
      await registerProvider(service, upstream, { type });
      expect((await complete({ prompt: 'Hi' })).body.cost).toBeNull();
    });

    it('counts cached tokens among those of the prompt and names them', async () => {
      await registerProvider(service, upstream, { type });
      upstream.default({ usage: { prompt: 100, completion: 10, cached: 60 } });
      expect((await complete({ prompt: 'Hi' })).body.usage).toMatchObject({
        promptTokens: 100,
        cachedPromptTokens: 60,
        totalTokens: 110,
      });
    });

    it.each(['length', 'content_filter'] as const)('says finish reason %s', async (finish) => {
      await registerProvider(service, upstream, { type });
      upstream.default({ text: 'Hel', finish });
      expect((await complete({ prompt: 'Hi' })).body.finishReason).toBe(finish);
    });

    it('lets the vendor’s own rejection through as a 400, tried once', async () => {
      await registerProvider(service, upstream, { type });
      await registerProvider(service, second, { type, priority: -1 });
      upstream.default(status(400, { message: 'messages: at least one is needed' }));
      const { status: code, body } = await complete({ prompt: 'Hi' });
      expect(code).toBe(400);
      expect(body).toMatchObject({ code: 'UPSTREAM_REJECTED_REQUEST' });
      expect(JSON.stringify(body)).toContain('at least one is needed');
      expect(upstream.calls).toHaveLength(1);
      expect(second.calls).toHaveLength(0);
    });

    it.each([401, 403, 404])('goes on to the next provider at once after %d', async (code) => {
      const first = await registerProvider(service, upstream, { type, priority: 1 });
      const next = await registerProvider(service, second, { type });
      upstream.default(status(code));
      const { body } = await complete({ prompt: 'Hi' });
      expect(body.attempts).toMatchObject([
        { providerId: first.id, outcome: expect.any(String) as string, status: code },
        { providerId: next.id, outcome: 'success' },
      ]);
      expect(upstream.calls).toHaveLength(1);
    });

    it.each([500, 503, 529])('tries again after %d and then succeeds on the same provider', async (code) => {
      const { id } = await registerProvider(service, upstream, { type });
      upstream.next(status(code));
      const { status: answered, body } = await complete({ prompt: 'Hi' });
      expect(answered).toBe(200);
      expect(body.attempts).toMatchObject([
        { providerId: id, outcome: 'server_error', status: code },
        { providerId: id, outcome: 'success' },
      ]);
    });

    it('takes a 200 that is not of the vendor’s form for a failed try', async () => {
      await registerProvider(service, upstream, { type });
      upstream.next(raw('{"unexpected":true}'), raw('<html>', { 'content-type': 'text/html' }));
      const { body } = await complete({ prompt: 'Hi' });
      expect(body.attempts.map(({ outcome }) => outcome)).toEqual(['malformed', 'malformed', 'success']);
    });
  });

  it('lists every try in a 502 when all failed', async () => {
    const first = await registerProvider(service, upstream, { priority: 1, retryAttempts: 2 });
    const next = await registerProvider(service, second, { retryAttempts: 1 });
    upstream.default(reset());
    second.default(status(500, { message: 'engine on fire' }));
    const { status: code, body } = await complete({ prompt: 'Hi' });
    expect(code).toBe(502);
    expect(body).toMatchObject({
      code: 'ALL_PROVIDERS_FAILED',
      attempts: [
        { providerId: first.id, outcome: 'connection' },
        { providerId: first.id, outcome: 'connection' },
        {
          providerId: next.id,
          outcome: 'server_error',
          status: 500,
          reason: expect.stringContaining('on fire') as string,
        },
      ],
    });
  });

  it('says 503 with nobody registered', async () => {
    expect((await complete({ prompt: 'Hi' })).body).toMatchObject({
      statusCode: 503,
      code: 'NO_PROVIDER_AVAILABLE',
    });
  });

  it('pins a request to its provider without fallback', async () => {
    const first = await registerProvider(service, upstream, { priority: 5 });
    const pinned = await registerProvider(service, second);
    expect((await complete({ prompt: 'Hi', providerId: pinned.id })).body.providerId).toBe(pinned.id);
    second.default(status(500));
    expect((await complete({ prompt: 'Hi', providerId: pinned.id })).status).toBe(502);
    expect(upstream.calls).toHaveLength(0);
    await service.call('DELETE', `/ai-providers/${first.id}`);
    expect((await complete({ prompt: 'Hi', providerId: first.id })).body).toMatchObject({
      code: 'PROVIDER_INACTIVE',
      statusCode: 409,
    });
    const unknown = '3f2b8c1e-0000-4000-8000-000000000000';
    expect((await complete({ prompt: 'Hi', providerId: unknown })).body).toMatchObject({
      code: 'PROVIDER_NOT_FOUND',
    });
  });

  it('asks only providers of the named model', async () => {
    await registerProvider(service, upstream, { priority: 5, model: 'other' });
    const wanted = await registerProvider(service, second, { model: 'wanted' });
    expect((await complete({ prompt: 'Hi', model: 'wanted' })).body.providerId).toBe(wanted.id);
    expect((await complete({ prompt: 'Hi', model: 'nobody-has-it' })).body).toMatchObject({
      code: 'NO_PROVIDER_AVAILABLE',
    });
  });

  it('shares the load evenly among providers of equal priority', async () => {
    await registerProvider(service, upstream);
    await registerProvider(service, second);
    for (let i = 0; i < 10; i++) await complete({ prompt: `Hi ${i}` });
    expect([upstream.calls.length, second.calls.length]).toEqual([5, 5]);
  });

  it('fills in the provider’s configuration where the request is silent', async () => {
    await registerProvider(service, upstream, { type: 'CUSTOM', temperature: 0.1, maxTokens: 77, topP: 0.9 });
    await complete({ prompt: 'Hi', temperature: 0.4, systemPrompt: 'Be brief' });
    expect(upstream.lastCall.body).toMatchObject({
      temperature: 0.4,
      max_tokens: 77,
      top_p: 0.9,
      messages: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'Hi' },
      ],
    });
  });

  it.each([
    ['prompt', {}],
    ['prompt', { prompt: 'Hi', messages: [{ role: 'user', content: 'Hi' }] }],
    ['messages', { messages: [] }],
    ['messages.0.role', { messages: [{ role: 'robot', content: 'Hi' }] }],
    ['messages.0.content', { messages: [{ role: 'user', content: 5 }] }],
    ['temperature', { prompt: 'Hi', temperature: 3 }],
    ['maxTokens', { prompt: 'Hi', maxTokens: 0 }],
    ['stream', { prompt: 'Hi', stream: 'yes' }],
    ['providerId', { prompt: 'Hi', providerId: '7' }],
    ['priority', { prompt: 'Hi', priority: 'urgent' }],
    ['timeout', { prompt: 'Hi', timeout: -5 }],
    ['cache', { prompt: 'Hi', cache: true }],
    ['metadata', { prompt: 'Hi', metadata: { a: 1 } }],
    ['messages', { messages: [[{ role: 'user', content: 'Hi' }]] }],
    ['tools', { prompt: 'Hi', tools: [[]] }],
    ['n', { prompt: 'Hi', n: 2 }],
    ['hasOwnProperty', { prompt: 'Hi', hasOwnProperty: 1 }],
  ])('names %s in a 400 for %j', async (field, request) => {
    const { status: code, body } = await service.call('POST', '/ai-providers/complete', request);
    expect(code).toBe(400);
    expect(body['message']).toEqual(expect.arrayContaining([expect.stringContaining(field)]));
  });

  it('answers a pinned request whose endpoint refuses connections', async () => {
    const gone = await FakeUpstream.start();
    const { id } = await registerProvider(service, gone);
    await gone.stop();
    const { status: code, body } = await complete({ prompt: 'Hi', providerId: id });
    expect(code).toBe(502);
    expect(body.attempts[0]).toMatchObject({
      outcome: 'connection',
      reason: expect.stringContaining('refused') as string,
    });
  });

  it('ends a request at its own timeout with a 504 and aborts the upstream call', async () => {
    await registerProvider(service, upstream);
    upstream.default(stall());
    const startedAt = performance.now();
    const { status: code, body } = await complete({ prompt: 'Hi', timeout: 300 });
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(code).toBe(504);
    expect(body).toMatchObject({ code: 'DEADLINE_EXCEEDED', attempts: [{ outcome: 'aborted' }] });
    await upstream.lastCall.whenAborted();
  });

  it('aborts the upstream call within 100 ms when the caller hangs up', async () => {
    await registerProvider(service, upstream);
    upstream.default(stall());
    const hangUp = async (ordinal: number): Promise<number> => {
      const caller = new AbortController();
      const gone = fetch(`${service.url}/ai-providers/complete`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ prompt: 'Hi' }),
        signal: caller.signal,
      });
      const call = await upstream.arrival(ordinal);
      const hungUpAt = performance.now();
      caller.abort();
      await expect(gone).rejects.toThrow();
      return (await call.whenAborted()) - hungUpAt;
    };
    // The best of three: a busy machine delays the measuring process too.
    const delays = [await hangUp(1), await hangUp(2), await hangUp(3)];
    expect(Math.min(...delays)).toBeLessThan(100);
    expect(upstream.calls).toHaveLength(3);
  });

  it('counts tokens itself where the vendor does not say, and says so', async () => {
    await registerProvider(service, upstream, { type: 'CUSTOM' });
    upstream.default({ text: 'hello world', usage: null });
    const { usage } = (await complete({ prompt: 'hello world' })).body;
    expect(usage).toEqual({ promptTokens: 2, completionTokens: 2, totalTokens: 4, source: 'estimated' });
  });

  it.each([
    ['as it is', (key: string) => key],
    ['URL-encoded', encodeURIComponent],
    ['in base64', (key: string) => Buffer.from(key).toString('base64')],
    ['in hexadecimal', (key: string) => Buffer.from(key).toString('hex')],
    ['in upper case', (key: string) => key.toUpperCase()],
  ])('never shows a key that the upstream echoes %s', async (_, spell) => {
    const apiKey = 'own+key/of=no&known"shape';
    await registerProvider(service, upstream, { apiKey, retryAttempts: 1 });
    upstream.default(status(400, { message: `bad key ${spell(apiKey)} given` }));
    const { text } = await complete({ prompt: 'Hi' });
    expect(text).toMatch(/bad key \*\*\*=* given/);
    expect(service.output()).not.toContain(spell(apiKey));
  });

  it('refuses a redirect instead of following it with the key', async () => {
    const { id } = await registerProvider(service, upstream, { retryAttempts: 1 });
    upstream.default({ status: 307, headers: { location: endpointOf(second, 'OPENAI') }, body: '' });
    expect((await complete({ prompt: 'Hi', providerId: id })).status).toBe(502);
    expect(second.calls).toHaveLength(0);
  });
});
