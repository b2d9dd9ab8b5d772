import { readdir, readFile } from 'node:fs/promises';
import type { AIProviderView } from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import type {
  HealthReport,
  ProviderHealth,
} from '../../src/modules/ai-providers/interfaces/monitoring/health.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { status } from '../fakes/upstream/upstream-script.js';
import { deactivateAll, registerProvider, TYPES } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const KEY = 'sk-live-abcdefghijklmnop-9876';
const VALID = { name: 'One', type: 'OPENAI', model: 'gpt-4', apiKey: KEY };

describe('the provider endpoints', () => {
  let service: RunningService;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [service, upstream] = await Promise.all([RunningService.start(), FakeUpstream.start()]);
  }, 90_000);

  afterEach(async () => {
    await deactivateAll(service);
    upstream.clear();
  });

  afterAll(async () => {
    await service.stop();
    await upstream.stop();
  });

  it('registers with the specification’s body and answers with every field but the key', async () => {
    const body = {
      name: 'OpenAI GPT-4',
      type: 'OPENAI',
      apiKey: KEY,
      model: 'gpt-4',
      maxTokens: 2000,
      temperature: 0.7,
      pricing: { inputTokenCost: 0.03, outputTokenCost: 0.06, currency: 'USD' },
      priority: 10,
      isActive: true,
    };
    const answer = await service.call('POST', '/ai-providers', body);
    const { apiKey, ...shown } = body;
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ ...shown, apiKeyHint: '…9876', circuitState: 'CLOSED' });
    expect(answer.body).not.toHaveProperty('apiKey');
    expect(answer.text).not.toContain(apiKey);
  });

  it('fills in the documented defaults', async () => {
    const { body } = await service.call('POST', '/ai-providers', VALID);
    expect(body).toMatchObject({
      maxTokens: null,
      temperature: null,
      topP: null,
      topK: null,
      frequencyPenalty: null,
      presencePenalty: null,
      stopSequences: null,
      timeout: 600_000,
      connectTimeout: 5_000,
      firstTokenTimeout: 12_000,
      idleTimeout: 15_000,
      retryAttempts: 3,
      priority: 0,
      isActive: true,
    });
  });

  it.each([
    ['name', { name: undefined }],
    ['name', { name: '' }],
    ['name', { name: 'zero\u0000byte' }],
    ['type', { type: 'AZURE' }],
    ['model', { model: 7 }],
    ['apiKey', { apiKey: undefined }],
    ['apiKey', { apiKey: 'two words' }],
    ['temperature', { temperature: 2.1 }],
    ['temperature', { temperature: '0.5' }],
    ['topP', { topP: 1.01 }],
    ['topK', { topK: 0 }],
    ['frequencyPenalty', { frequencyPenalty: -2.5 }],
    ['presencePenalty', { presencePenalty: 3 }],
    ['maxTokens', { maxTokens: 0 }],
    ['retryAttempts', { retryAttempts: 11 }],
    ['priority', { priority: 1.5 }],
    ['timeout', { timeout: 0 }],
    ['pricing.inputTokenCost', { pricing: { inputTokenCost: -1, outputTokenCost: 1, currency: 'USD' } }],
    ['pricing.currency', { pricing: { inputTokenCost: 1, outputTokenCost: 1, currency: 'DOLLAR' } }],
    ['rateLimit.tokensPerMinute', { rateLimit: { requestsPerMinute: 1 } }],
    ['stopSequences', { stopSequences: 'STOP' }],
    ['endpoint', { endpoint: 'ftp://example.com' }],
    ['endpoint', { endpoint: 'http://169.254.169.254/v1' }],
    ['endpoint', { endpoint: 'http://2852039166/' }],
    ['endpoint', { endpoint: 'http://[::ffff:169.254.169.254]/' }],
    ['endpoint', { endpoint: 'http://user:pass@example.com/' }],
    ['endpoint', { type: 'CUSTOM' }],
    ['pricing', { pricing: [] }],
    ['rateLimit', { rateLimit: [[]] }],
    ['pricing.currency', { pricing: { inputTokenCost: 1, outputTokenCost: 1, currency: 'usd' } }],
    ['name', { name: '   ' }],
    ['colour', { colour: 'red' }],
    ['toString', { toString: 1 }],
  ])('names %s in a 400 for %j', async (field, change) => {
    const answer = await service.call<{ message: string[]; code: string }>('POST', '/ai-providers', {
      ...VALID,
      ...change,
    });
    expect(answer.status).toBe(400);
    expect(answer.body.code).toBe('VALIDATION_FAILED');
    expect(answer.body.message).toEqual(expect.arrayContaining([expect.stringContaining(field)]));
  });

  it('names every wrong field at once', async () => {
    const { body } = await service.call<{ message: string[] }>('POST', '/ai-providers', {
      ...VALID,
      temperature: 9,
      topP: 9,
      colour: 'red',
    });
    expect(body.message).toHaveLength(3);
  });

  it('lists by priority, narrowed by type and activity', async () => {
    const low = await registerProvider(service, upstream, { priority: 1 });
    const high = await registerProvider(service, upstream, { priority: 5, type: 'ANTHROPIC' });
    const off = await registerProvider(service, upstream, { priority: 9, isActive: false });
    const idsOf = async (query: string): Promise<string[]> =>
      (await service.call<AIProviderView[]>('GET', `/ai-providers${query}`)).body.map(({ id }) => id);
    const all = await idsOf('');
    expect(all.filter((id) => [low.id, high.id, off.id].includes(id))).toEqual([off.id, high.id, low.id]);
    expect(await idsOf('?isActive=true')).toEqual([high.id, low.id]);
    expect(await idsOf('?isActive=true&type=ANTHROPIC')).toEqual([high.id]);
    expect((await service.call('GET', '/ai-providers?type=NONE')).status).toBe(400);
  });

  it.each(TYPES)('sends a vendor of type %s no sampling that nobody asked for', async (type) => {
    const { id } = await registerProvider(service, upstream, { type });
    const answer = await service.call('POST', '/ai-providers/complete', { prompt: 'Hi', providerId: id });
    expect(answer.status).toBe(200);
    const { rawBody } = upstream.lastCall;
    expect(rawBody).not.toMatch(/temperature|top_?p|top_?k|penalty|stop|max_completion|maxOutput/i);
    // Anthropic alone demands a bound.
    expect(rawBody.includes('max_tokens')).toBe(type === 'ANTHROPIC');
  });

  it('changes only the given fields; null clears an optional one', async () => {
    const { id } = await registerProvider(service, upstream, {
      topP: 0.5,
      priority: 3,
      temperature: 0.1,
      maxTokens: 9,
    });
    const { status: code, body } = await service.call('PUT', `/ai-providers/${id}`, {
      topP: null,
      maxTokens: null,
      name: 'New',
    });
    expect(code).toBe(200);
    expect(body).toMatchObject({
      id,
      name: 'New',
      topP: null,
      maxTokens: null,
      priority: 3,
      temperature: 0.1,
      apiKeyHint: '…cdef',
    });
    expect((await service.call('GET', `/ai-providers/${id}`)).body).toEqual(body);
  });

  it('refuses to clear what a provider cannot be without', async () => {
    const { id } = await registerProvider(service, upstream);
    const { status: code, body } = await service.call('PUT', `/ai-providers/${id}`, {
      name: null,
      model: null,
    });
    expect(code).toBe(400);
    expect(body['message']).toEqual(['name must not be null', 'model must not be null']);
  });

  it('uses a change for the very next request', async () => {
    const other = await FakeUpstream.start();
    const { id } = await registerProvider(service, upstream);
    const moved = { endpoint: other.openaiUrl, apiKey: KEY, model: 'changed' };
    await service.call('PUT', `/ai-providers/${id}`, moved);
    await service.call('POST', '/ai-providers/complete', { prompt: 'Hi' });
    expect(upstream.calls).toHaveLength(0);
    expect(other.lastCall.body['model']).toBe('changed');
    await other.stop();
  });

  it('deactivates on DELETE and keeps the provider on record', async () => {
    const { id } = await registerProvider(service, upstream);
    const kept = await service.call('DELETE', `/ai-providers/${id}`);
    expect(kept.status).toBe(200);
    expect(kept.body).toMatchObject({ id, isActive: false, apiKeyHint: '…cdef' });
    expect((await service.call('GET', `/ai-providers/${id}`)).body).toEqual(kept.body);
  });

  it('knows an id in either case', async () => {
    const { id } = await registerProvider(service, upstream);
    const { status, body } = await service.call('GET', `/ai-providers/${id.toUpperCase()}`);
    expect([status, body['id']]).toEqual([200, id]);
  });

  it('says 404 for an unknown id and 400 for one that is no UUID, on every route', async () => {
    const unknown = '/ai-providers/3f2b8c1e-0000-4000-8000-000000000000';
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const body = method === 'PUT' ? {} : undefined;
      expect((await service.call(method, unknown, body)).body).toMatchObject({ code: 'PROVIDER_NOT_FOUND' });
      expect((await service.call(method, '/ai-providers/7', body)).body).toMatchObject({
        code: 'VALIDATION_FAILED',
      });
    }
  });

  it('answers broken JSON, a wrong content type and too large a body with an error of its own form', async () => {
    const send = async (body: string, type: string): Promise<unknown> =>
      (await service.call('POST', '/ai-providers/complete', body, { 'content-type': type })).body['code'];
    expect(await send('{"prompt":', 'application/json')).toBe('VALIDATION_FAILED');
    expect(await send('prompt=Hi', 'application/x-www-form-urlencoded')).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(await send('Hi', 'text/plain')).toBe('UNSUPPORTED_MEDIA_TYPE');
    expect(await send(JSON.stringify({ prompt: 'x'.repeat(11 << 20) }), 'application/json')).toBe(
      'PAYLOAD_TOO_LARGE',
    );
    expect((await service.call('GET', '/health/live')).status).toBe(200);
  });

  it('answers a path that is no URL, and a body nested without end, in the one form of error', async () => {
    expect((await service.call('GET', '/ai-providers/%ZZ')).body).toMatchObject({
      code: 'VALIDATION_FAILED',
      requestId: expect.any(String) as string,
    });
    const deep = `{"foo":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    expect((await service.call('POST', '/ai-providers', deep)).body).toMatchObject({
      code: 'VALIDATION_FAILED',
    });
    expect((await service.call('POST', '/ai-providers', 'null')).status).toBe(400);
  });

  it('gives every response a request id, the caller’s where it sent one', async () => {
    const own = await service.call('GET', '/health/live', undefined, { 'x-request-id': 'mine-1' });
    expect(own.headers.get('x-request-id')).toBe('mine-1');
    const missing = await service.call('GET', '/nowhere', undefined, { 'x-request-id': 'mine-2' });
    expect(missing.status).toBe(404);
    expect(missing.body).toMatchObject({ code: 'NOT_FOUND', requestId: 'mine-2' });
    const docs = await service.call('GET', '/docs-json', undefined, { 'x-request-id': 'mine-3' });
    expect(docs.headers.get('x-request-id')).toBe('mine-3');
    const made = await service.call('GET', '/ai-providers', undefined, {
      'x-request-id': 'bad id\twith space',
    });
    expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  describe('health', () => {
    const check = async (query = ''): ReturnType<RunningService['call']> =>
      service.call('GET', `/ai-providers/health/check${query}`);

    it('is fine with no active provider', async () => {
      expect(await check()).toMatchObject({ status: 200, body: { status: 'healthy', providers: [] } });
    });

    it('is 503 when no active provider serves, and 200 as soon as one does', async () => {
      const { id } = await registerProvider(service, upstream);
      upstream.defaultGet(status(401));
      const down = await check();
      expect(down.status).toBe(503);
      expect(down.body).toMatchObject({
        status: 'unhealthy',
        providers: [{ providerId: id, healthy: false }],
      });
      upstream.defaultGet(null);
      expect((await check('?refresh=true')).status).toBe(200);
    });

    it('tells the uptime of traffic and probes', async () => {
      const { id } = await registerProvider(service, upstream, { retryAttempts: 1 });
      upstream.next(status(503));
      await service.call('POST', '/ai-providers/complete', { prompt: 'Fails', providerId: id });
      await service.call('POST', '/ai-providers/complete', { prompt: 'Works', providerId: id });
      upstream.defaultGet(status(500));
      const uptimes = async (): Promise<number[]> =>
        ((await check('?refresh=true')).body as { providers: { uptime: number }[] }).providers.map(
          ({ uptime }) => uptime,
        );
      expect(await uptimes()).toEqual([(1 / 3) * 100]);
      upstream.defaultGet(null);
      expect(await uptimes()).toEqual([50]);
    });

    it('tells what the traffic has seen since the last probe, and no key', async () => {
      const { id } = await registerProvider(service, upstream, { retryAttempts: 1, apiKey: KEY });
      const health = async (): Promise<ProviderHealth> => {
        const { providers } = (await check()).body as HealthReport;
        const [provider] = providers;
        if (provider === undefined) throw new Error('No provider in the report');
        return provider;
      };
      const ask = (): Promise<unknown> =>
        service.call('POST', '/ai-providers/complete', { prompt: 'Hi', providerId: id, cache: false });
      const probed = await health();
      expect(probed).toMatchObject({ lastSuccessAt: probed.checkedAt, lastError: null, lastErrorAt: null });
      await ask();
      const { lastSuccessAt } = await health();
      expect(Date.parse(lastSuccessAt ?? '')).toBeGreaterThan(Date.parse(probed.checkedAt));

      upstream.next(status(400, { message: 'the caller’s own' }));
      await ask();
      expect(await health()).toMatchObject({ lastSuccessAt, lastError: null });

      upstream.default(status(401, { message: `Incorrect API key provided: ${KEY}` }));
      for (let count = 0; count < 5; count += 1) await ask();
      const open = await health();
      expect(open).toMatchObject({ checkedAt: probed.checkedAt, circuitState: 'OPEN', lastSuccessAt });
      expect(open.lastError).toContain('Incorrect API key');
      expect(open.lastError).not.toContain(KEY);
      expect(Date.parse(open.lastErrorAt ?? '')).toBeGreaterThan(Date.parse(lastSuccessAt ?? ''));
    });

    it('probes at most once however many poll, spends no tokens, and probes again on refresh', async () => {
      await registerProvider(service, upstream, { type: 'ANTHROPIC' });
      await Promise.all(Array.from({ length: 20 }, () => check()));
      expect(upstream.calls.map(({ method }) => method)).toEqual(['GET']);
      await check('?refresh=true');
      expect(upstream.calls.map(({ method }) => method)).toEqual(['GET', 'GET']);
    });
  });

  it('keeps no key in clear in what it prints', async () => {
    await registerProvider(service, upstream, { apiKey: KEY });
    upstream.default(status(401, { message: `Incorrect API key provided: ${KEY}` }));
    const failed = await service.call('POST', '/ai-providers/complete', { prompt: 'Hi' });
    expect(failed.status).toBe(502);
    expect(failed.text).not.toContain(KEY);
    expect(service.output()).toContain('Request not answered');
    expect(service.output()).not.toContain(KEY);
  });
});

describe('the embedded database', () => {
  it('outlives the process and holds no key in clear', async () => {
    const { mkdtemp, rm } = await import('node:fs/promises');
    const dataDir = await mkdtemp('/tmp/ai-providers-e2e-');
    const first = await RunningService.start({ AI_DATA_DIR: dataDir }, { embedded: true });
    const { body } = await first.call<AIProviderView>('POST', '/ai-providers', VALID);
    expect(await first.stop()).toBe(0);

    const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
    for (const file of files.filter((entry) => entry.isFile())) {
      const content = await readFile(`${file.parentPath}/${file.name}`);
      expect(content.includes(KEY)).toBe(false);
    }

    const second = await RunningService.start({ AI_DATA_DIR: dataDir }, { embedded: true });
    expect((await second.call('GET', `/ai-providers/${body.id}`)).body).toEqual(body);
    expect(await second.stop()).toBe(0);
    await rm(dataDir, { recursive: true });
  }, 120_000);
});
