import type { AIProviderView } from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import type { RouteExplanation } from '../../src/modules/ai-providers/interfaces/monitoring/route-explanation.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { answer, status } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { describeWith } from '../services/with-services.js';
import { deactivateAll, registerProvider } from './support/providers.js';
import { Replicas } from './support/replicas.js';
import type { Answer, RunningService } from './support/running-service.js';

const DAY_MS = 86_400_000;
const TEN_YEARS_SECONDS = '315360000';
const OTHER_KEY = 'sk-other-0123456789abcdef';

const onServers = describeWith('PostgreSQL', 'redis-server');

onServers('what keeps a provider from being asked, at two replicas', () => {
  let replicas: Replicas;
  let upstream: FakeUpstream;
  let other: FakeUpstream;
  let here: RunningService;
  let there: RunningService;

  beforeAll(async () => {
    [replicas, upstream, other] = await Promise.all([
      Replicas.start(2),
      FakeUpstream.start(),
      FakeUpstream.start(),
    ]);
    [here, there] = [replicas.at(0), replicas.at(1)];
  }, 180_000);

  afterEach(async () => {
    await deactivateAll(here);
    upstream.clear();
    other.clear();
  });

  afterAll(() => Promise.all([replicas.stop(), upstream.stop(), other.stop()]));

  const show = async (at: RunningService, id: string): Promise<AIProviderView> =>
    (await at.call<AIProviderView>('GET', `/ai-providers/${id}`)).body;
  let asked = 0;
  const ask = (at: RunningService, id: string): Promise<Answer> =>
    at.call('POST', '/ai-providers/complete', {
      prompt: `Question ${++asked}`,
      providerId: id,
      timeout: 400,
    });
  const put = (at: RunningService, id: string, body: object): Promise<Answer<AIProviderView>> =>
    at.call('PUT', `/ai-providers/${id}`, body);

  /** A provider whose vendor has asked one replica to stay away for ten years. */
  async function cooling(): Promise<string> {
    const { id } = await registerProvider(here, upstream, { retryAttempts: 1 });
    await replicas.untilKnown(id);
    upstream.next(status(429, { retryAfter: TEN_YEARS_SECONDS }));
    expect((await ask(here, id)).status).toBe(429);
    await eventually(3_000, async () => (await show(there, id)).cooldownUntil !== null);
    return id;
  }

  const bothServe = (id: string): Promise<void> =>
    eventually(3_000, async () => {
      const views = await Promise.all([show(here, id), show(there, id)]);
      const answers = await Promise.all([ask(here, id), ask(there, id)]);
      return (
        views.every(
          ({ cooldownUntil, circuitState }) => cooldownUntil === null && circuitState === 'CLOSED',
        ) && answers.every(({ status: code }) => code === 200)
      );
    });

  it('is a cooldown of a day at most, which both show', async () => {
    const id = await cooling();
    for (const replica of [here, there]) {
      const until = Date.parse((await show(replica, id)).cooldownUntil ?? '');
      expect(until).toBeLessThanOrEqual(Date.now() + DAY_MS + 1_000);
      expect(until).toBeGreaterThan(Date.now() + DAY_MS - 60_000);
      expect((await ask(replica, id)).status).toBe(429);
      const explained = await replica.call<RouteExplanation>('POST', '/ai-providers/routing/explain', {
        prompt: 'Hi',
        providerId: id,
      });
      expect(explained.body.candidates).toEqual([
        expect.objectContaining({
          skipped: 'cooldown',
          cooldownUntil: expect.stringMatching(/Z$/) as unknown,
        }),
      ]);
    }
    expect(upstream.calls).toHaveLength(1);
  });

  it('ends at both by a reset at the one that was not told', async () => {
    const id = await cooling();
    const reset = await there.call<AIProviderView>('POST', `/ai-providers/${id}/circuit/reset`);
    expect(reset.body.cooldownUntil).toBeNull();
    await bothServe(id);
  });

  it('lets who waits for its end go at once, at both', async () => {
    const { id } = await registerProvider(here, upstream, { retryAttempts: 1 });
    await replicas.untilKnown(id);
    upstream.next(status(429, { retryAfter: '20' }));
    expect((await ask(here, id)).status).toBe(429);
    await eventually(3_000, async () => (await show(there, id)).cooldownUntil !== null);
    const startedAt = performance.now();
    const waiting = [here, there].map((replica, n) =>
      replica.call('POST', '/ai-providers/complete', {
        prompt: `Waits ${n}`,
        providerId: id,
        timeout: 25_000,
      }),
    );
    // Both have to be in the queue; what is asked after them is answered after them.
    await Promise.all([show(here, id), show(there, id)]);
    await there.call('POST', `/ai-providers/${id}/circuit/reset`);
    expect((await Promise.all(waiting)).map(({ status: code }) => code)).toEqual([200, 200]);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  }, 40_000);

  it.each([
    ['key', () => ({ apiKey: OTHER_KEY })],
    ['endpoint', () => ({ endpoint: `${upstream.openaiUrl}/?deployment=1` })],
    ['host', () => ({ endpoint: other.openaiUrl, apiKey: OTHER_KEY })],
    ['headers', () => ({ headers: { 'X-Team': 'one' } })],
    ['header of the key', () => ({ authHeader: 'api-key' })],
  ])('ends at both by another %s', async (_, change) => {
    const id = await cooling();
    const changed = await put(there, id, change());
    expect(changed.body).toMatchObject({ cooldownUntil: null, circuitState: 'CLOSED' });
    await bothServe(id);
  });

  it('lasts through any other change', async () => {
    const id = await cooling();
    expect((await put(there, id, { name: 'new', priority: 3 })).body.cooldownUntil).not.toBeNull();
    expect((await ask(here, id)).status).toBe(429);
    expect((await ask(there, id)).status).toBe(429);
  });

  it('closes the circuit at both by another key, whatever is still under way by the old one', async () => {
    const { id } = await registerProvider(here, upstream, { retryAttempts: 1 });
    await replicas.untilKnown(id);
    upstream.default(status(500));
    for (let n = 0; n < 5; n += 1) await ask(here, id);
    await eventually(3_000, async () => (await show(there, id)).circuitState === 'OPEN');
    upstream.default(answer({}));
    expect((await put(there, id, { apiKey: OTHER_KEY })).body.circuitState).toBe('CLOSED');
    await bothServe(id);
  });

  it('ends while Redis is away too, here at once and everywhere when it is back', async () => {
    const id = await cooling();
    await replicas.redis.stop();
    await eventually(3_000, () => Promise.resolve(here.output().includes('Redis is away')));
    expect((await put(here, id, { apiKey: OTHER_KEY })).body.cooldownUntil).toBeNull();
    expect((await ask(here, id)).status).toBe(200);
    await eventually(3_000, async () => (await ask(there, id)).status === 200);
    await replicas.redis.start();
    await bothServe(id);
  }, 60_000);

  it('never pairs a new key with an old host, nor the reverse, when both are changed at once', async () => {
    const OLD = 'sk-old-0123456789abcdef';
    const NEW = 'sk-new-0123456789abcdef';
    for (let round = 0; round < 20; round += 1) {
      const { id } = await registerProvider(here, upstream, { apiKey: OLD });
      await replicas.untilKnown(id);
      const writers = round % 2 === 0 ? [here, here] : [here, there];
      const changes = [{ endpoint: other.openaiUrl, apiKey: NEW }, { endpoint: upstream.openaiUrl }];
      await Promise.all(changes.map((change, n) => put(writers[n] ?? here, id, change)));
      const { endpoint, apiKeyHint } = await show(here, id);
      expect([endpoint, apiKeyHint]).toEqual([other.openaiUrl, '…cdef']);
      await Promise.all([here, there, here, there].map((replica) => ask(replica, id)));
      await here.call('DELETE', `/ai-providers/${id}`);
    }
    const keysAt = (vendor: FakeUpstream): Set<unknown> =>
      new Set(vendor.calls.map(({ headers }) => headers.authorization));
    expect(keysAt(other)).toEqual(new Set([`Bearer ${NEW}`]));
    expect(keysAt(upstream)).not.toContain(`Bearer ${NEW}`);
  }, 60_000);

  it('changes every field of writers that write different ones at the same time', async () => {
    const { id } = await registerProvider(here, upstream);
    await replicas.untilKnown(id);
    const fields = { name: 'n', model: 'm', priority: 7, topP: 0.5, timeout: 9_000, maxTokens: 9, weight: 2 };
    const answers = await Promise.all(
      Object.entries(fields).map(([name, value], n) => put(replicas.at(n), id, { [name]: value })),
    );
    expect(answers.map(({ status: code }) => code)).toEqual(answers.map(() => 200));
    const last = Math.max(...answers.map(({ body }) => body.revision));
    // What the other replica wrote last is known here within a second.
    await eventually(3_000, async () => (await show(here, id)).revision === last);
    expect(await show(here, id)).toMatchObject(fields);
  });

  it('closes the connections of a provider that is deactivated or changed, at both', async () => {
    const { id } = await registerProvider(here, upstream);
    await replicas.untilKnown(id);
    const closed = (): Promise<void> =>
      eventually(3_000, () => Promise.resolve(upstream.openConnections === 0));
    await Promise.all([ask(here, id), ask(there, id)]);
    expect(upstream.openConnections).toBe(2);
    await put(here, id, { apiKey: OTHER_KEY });
    await closed();
    await Promise.all([ask(here, id), ask(there, id)]);
    expect(upstream.openConnections).toBe(2);
    upstream.default({ ...answer({ text: 'to its end' }), delayMs: 700 });
    const patient = { prompt: 'takes its time', providerId: id };
    const underWay = there.call('POST', '/ai-providers/complete', patient);
    await upstream.arrival(5);
    await here.call('DELETE', `/ai-providers/${id}?purge=true`);
    await closed();
    expect((await underWay).status).toBe(200);
  });
});
