import type { AIProviderView } from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import type { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { endpointOf, registerProvider, TYPES } from './support/providers.js';
import type { Answer, RunningService } from './support/running-service.js';
import { startServiceAndVendors } from './support/service-and-vendors.js';

const KEY = 'sk-live-abcdefghijklmnop-9876';
const HEADERS = { 'X-Tenant': 'tenant-hush-1', 'X-Team': 'team-hush-22' };

describe('a provider that operators change', () => {
  let service: RunningService;
  let upstream: FakeUpstream;
  let other: FakeUpstream;

  startServiceAndVendors((started) => {
    ({ service, upstream, second: other } = started);
  });

  const put = (
    { id }: { id: string },
    body: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<AIProviderView & { message: string[]; code?: string }>> =>
    service.call('PUT', `/ai-providers/${id}`, body, headers);
  const remove = (
    { id }: { id: string },
    query = '',
    headers?: Record<string, string>,
  ): Promise<Answer<AIProviderView & { code?: string }>> =>
    service.call('DELETE', `/ai-providers/${id}${query}`, undefined, headers);
  const ask = ({ id }: { id: string }, more: object = {}): Promise<Answer> =>
    service.call('POST', '/ai-providers/complete', { prompt: 'Hi', providerId: id, ...more });
  const show = async ({ id }: { id: string }): Promise<Answer<AIProviderView>> =>
    service.call('GET', `/ai-providers/${id}`);
  const listed = async (query = ''): Promise<string[]> =>
    (await service.call<AIProviderView[]>('GET', `/ai-providers${query}`)).body.map(({ id }) => id);

  describe('under a condition', () => {
    it('is changed from the revision that If-Match names, and from no other', async () => {
      const read = await registerProvider(service, upstream);
      expect(read.revision).toEqual(expect.any(Number));
      const [first, second] = await Promise.all(
        ['a', 'b'].map((name) => put(read, { name }, { 'if-match': `"${read.revision}"` })),
      );
      expect([first?.status, second?.status].sort()).toEqual([200, 412]);
      const stale = await remove(read, '', { 'if-match': `"${read.revision}"` });
      expect([stale.status, stale.body.code]).toEqual([412, 'PROVIDER_CHANGED']);
      const { body: now } = await show(read);
      expect(now).toMatchObject({ isActive: true });
      expect(now.revision).toBeGreaterThan(read.revision);
      expect((await remove(read, '', { 'if-match': `"1", "${now.revision}"` })).status).toBe(200);
    });

    it.each([
      ['*', 200],
      ['W/"{}"', 412],
      ['"nonsense"', 412],
      ['{}', 400],
      ['"{}', 400],
      ['', 400],
    ])('answers If-Match %s with %i', async (header, expected) => {
      const read = await registerProvider(service, upstream);
      const answer = await put(
        read,
        { name: 'new' },
        { 'if-match': header.replace('{}', `${read.revision}`) },
      );
      expect(answer.status).toBe(expected);
    });
  });

  it.each(TYPES)('of type %s takes its own answer back, read-only fields and all', async (type) => {
    const headers = HEADERS;
    const made = await registerProvider(service, upstream, { type, headers, topP: 0.5 } as never);
    const { body } = await show(made);
    const answer = await put(made, body);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      ...body,
      revision: expect.any(Number) as number,
      updatedAt: expect.any(String) as string,
    });
    await ask(made);
    expect(upstream.lastCall.headers).toMatchObject({
      'x-tenant': 'tenant-hush-1',
      'x-team': 'team-hush-22',
    });
    const refused = await service.call('POST', '/ai-providers', body);
    expect(refused.status).toBe(400);
  });

  describe('that moves', () => {
    const at = (endpoint: string | null): { endpoint: string | null } => ({ endpoint });

    it('takes no stored key along: to another port, host or scheme, to the vendor, to another type', async () => {
      const made = await registerProvider(service, upstream);
      for (const move of [
        at(other.openaiUrl),
        at('https://llm.example.com/v1'),
        at(upstream.openaiUrl.replace('http:', 'https:')),
        at(null),
        { type: 'CUSTOM' },
        { type: 'ANTHROPIC' },
      ]) {
        const refused = await put(made, move);
        expect(refused.status).toBe(400);
        expect(refused.body.message).toEqual([expect.stringContaining('endpoint')]);
        expect(refused.body.message).toEqual([expect.stringContaining('apiKey')]);
      }
      expect((await put(made, at(`${upstream.openaiUrl}/deeper/`))).status).toBe(200);
      expect((await put(made, { ...at(other.openaiUrl), apiKey: KEY })).status).toBe(200);
      await ask(made);
      expect(other.lastCall.headers.authorization).toBe(`Bearer ${KEY}`);
    });

    it('leaves its stored headers behind', async () => {
      const made = await registerProvider(service, upstream, { headers: HEADERS } as never);
      const kept = { ...at(other.openaiUrl), apiKey: KEY, headers: ['X-Team'] };
      expect((await put(made, kept)).body.message).toEqual([expect.stringMatching(/^headers /)]);
      const moved = await put(made, { ...at(other.openaiUrl), apiKey: KEY });
      expect([moved.status, moved.body.headers]).toEqual([200, []]);
      await ask(made);
      expect(other.lastCall.headers).not.toHaveProperty('x-tenant');
    });

    it('may where it has no secret, not where it has headers alone', async () => {
      const bare = await registerProvider(service, upstream, { type: 'CUSTOM', apiKey: null } as never);
      expect((await put(bare, at(other.openaiUrl))).status).toBe(200);
      const more = { type: 'CUSTOM', apiKey: null, headers: HEADERS };
      const secretive = await registerProvider(service, upstream, more as never);
      expect((await put(secretive, at(other.openaiUrl))).body.message).toEqual([
        expect.stringContaining('endpoint'),
      ]);
      expect((await put(secretive, { ...at(other.openaiUrl), headers: null })).status).toBe(200);
    });
  });

  describe('with headers of its own', () => {
    it.each(TYPES)(
      'sends them with calls, streams and probes of type %s, and shows names alone',
      async (type) => {
        const made = await registerProvider(service, upstream, { type, headers: HEADERS } as never);
        expect(made.headers).toEqual(Object.keys(HEADERS));
        await ask(made);
        await ask(made, { stream: true, prompt: 'Hi again' });
        await service.call('GET', '/ai-providers/health/check?refresh=true');
        expect(upstream.calls.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET']);
        for (const call of upstream.calls)
          expect(call.headers).toMatchObject({ 'x-tenant': 'tenant-hush-1' });
        const one = await put(made, { headers: ['X-Team'] });
        expect(one.body.headers).toEqual(['X-Team']);
        await ask(made, { prompt: 'once more' });
        expect(upstream.lastCall.headers).toMatchObject({ 'x-team': 'team-hush-22' });
        expect(upstream.lastCall.headers).not.toHaveProperty('x-tenant');
        expect((await put(made, { headers: null })).body.headers).toEqual([]);
      },
    );

    it('shows no value where a vendor repeats it', async () => {
      const made = await registerProvider(service, upstream, { headers: HEADERS, retryAttempts: 1 } as never);
      upstream.next({ status: 400, body: `{"error":{"message":"no ${HEADERS['X-Tenant']} here"}}` });
      const answer = await ask(made);
      expect(answer.text).not.toContain('hush');
      expect((await show(made)).text).not.toContain('hush');
      expect(service.output()).not.toContain('hush');
    });

    it.each([
      ['OPENAI', 'api-key', 'api-key'],
      ['CUSTOM', 'x-api-key', 'x-api-key'],
      ['CUSTOM', 'Ocp-Apim-Subscription-Key', 'ocp-apim-subscription-key'],
    ] as const)('sends the key of %s in %s alone', async (type, authHeader, name) => {
      const made = await registerProvider(service, upstream, { type, authHeader, apiKey: KEY });
      await ask(made);
      await service.call('GET', '/ai-providers/health/check?refresh=true');
      for (const { headers } of upstream.calls) {
        expect(headers[name]).toBe(KEY);
        expect(headers.authorization).toBeUndefined();
      }
    });

    it.each([
      ['authHeader', { authHeader: 'api-key', endpoint: null }],
      ['authHeader', { authHeader: 'api-key', type: 'ANTHROPIC' }],
      ['authHeader', { authHeader: 'Host' }],
      ['authHeader', { authHeader: 'two words' }],
      ['headers', { headers: { Host: 'x' } }],
      ['headers', { headers: { Authorization: 'x' } }],
      ['headers', { headers: { 'X-A': 'line\nbreak' } }],
      ['headers', { headers: { 'X-A': 7 } }],
      ['headers', { headers: ['X-A'] }],
      ['headers', { headers: 'X-A: 1' }],
    ])('names %s in a 400 for %j', async (field, change) => {
      const body = { name: 'n', type: 'OPENAI', model: 'm', apiKey: KEY, endpoint: upstream.openaiUrl };
      const answer = await service.call<{ message: string[] }>('POST', '/ai-providers', {
        ...body,
        ...change,
      });
      expect(answer.status).toBe(400);
      expect(answer.body.message).toEqual([expect.stringMatching(new RegExp(`^${field}`))]);
    });

    it('takes an operation’s address for its base, and sends the query with each call', async () => {
      const endpoint = `${upstream.openaiUrl}/chat/completions/?api-version=2024-10-21`;
      const made = await registerProvider(service, upstream, { endpoint });
      expect(made.endpoint).toBe(`${upstream.openaiUrl}?api-version=2024-10-21`);
      expect((await ask(made)).status).toBe(200);
      expect(upstream.lastCall.path).toBe('/v1/chat/completions?api-version=2024-10-21');
    });

    it.each(TYPES)(
      'sends the query of an endpoint of type %s with calls, streams and probes',
      async (type) => {
        const endpoint = `${endpointOf(upstream, type)}/?api-version=1`;
        const made = await registerProvider(service, upstream, { type, endpoint });
        expect((await ask(made)).status).toBe(200);
        expect((await ask(made, { stream: true })).text).toContain('[DONE]');
        expect((await service.call('GET', '/ai-providers/health/check?refresh=true')).status).toBe(200);
        expect(upstream.calls.map(({ method }) => method)).toEqual(['POST', 'POST', 'GET']);
        for (const { path } of upstream.calls)
          expect(new URL(path, upstream.url).searchParams.get('api-version')).toBe('1');
      },
    );
  });

  describe('that is purged', () => {
    it('is gone where nothing is on record of it', async () => {
      const made = await registerProvider(service, upstream);
      const purged = await remove(made, '?purge=true');
      expect(purged.status).toBe(200);
      expect(purged.body).toMatchObject({ id: made.id, isActive: false, apiKeyHint: null });
      expect((await show(made)).status).toBe(404);
      expect((await remove(made)).status).toBe(404);
      expect(await listed('?includePurged=true')).not.toContain(made.id);
    });

    it('is in no list but stays for what it did, and wants a new key to come back', async () => {
      const made = await registerProvider(service, upstream, { type: 'CUSTOM', headers: HEADERS } as never);
      await ask(made);
      const purged = await remove(made, '?purge=true');
      expect(purged.body).toMatchObject({ isActive: false, apiKeyHint: null, headers: [] });
      expect(await listed()).not.toContain(made.id);
      expect(await listed('?isActive=false')).not.toContain(made.id);
      expect(await listed('?includePurged=true')).toContain(made.id);
      expect((await show(made)).body).toEqual(purged.body);
      expect((await service.call('GET', `/ai-providers/metrics/${made.id}`)).status).toBe(200);
      const usage = await service.call('GET', `/ai-providers/statistics/usage?providerId=${made.id}`);
      expect(usage.body).toMatchObject({ totalRequests: 1 });

      const refused = await put(made, { isActive: true });
      expect(refused.body.message).toEqual([expect.stringMatching(/^apiKey /)]);
      expect((await put(made, { isActive: true, apiKey: KEY })).body).toMatchObject({ purgedAt: null });
      expect(await listed()).toContain(made.id);
      expect((await ask(made, { prompt: 'again' })).status).toBe(200);
    });
  });
});
