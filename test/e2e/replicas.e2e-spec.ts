import { setTimeout as pause } from 'node:timers/promises';
import type { AIProviderView } from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import type { CompletionResponse } from '../../src/modules/ai-providers/interfaces/completion.interface.js';
import type { ProviderMetrics } from '../../src/modules/ai-providers/interfaces/monitoring/provider-metrics.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { answer, status } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { describeWith } from '../services/with-services.js';
import { streamCompletion } from './support/event-stream.reader.js';
import { deactivateAll, registerProvider } from './support/providers.js';
import { Replicas } from './support/replicas.js';
import type { Answer, RunningService } from './support/running-service.js';

/** The specification's times of the breaker divided by this. */
const SCALE = 15;
const OPEN_MS = 60_000 / SCALE;
const ROOMY = 1_000_000;

const onServers = describeWith('PostgreSQL', 'redis-server');

onServers('three replicas with one Redis and one PostgreSQL', () => {
  let replicas: Replicas;
  let upstream: FakeUpstream;
  let second: FakeUpstream;

  beforeAll(async () => {
    [replicas, upstream, second] = await Promise.all([
      Replicas.start(3, {
        AI_CACHE_TTL_SECONDS: '300',
        AI_BREAKER_TIMEOUT_MS: String(OPEN_MS),
        AI_BREAKER_MONITORING_PERIOD_MS: String(120_000 / SCALE),
        AI_RETRY_INITIAL_DELAY_MS: String(Math.round(1_000 / SCALE)),
      }),
      FakeUpstream.start(),
      FakeUpstream.start(),
    ]);
  }, 180_000);

  afterAll(() => Promise.all([replicas.stop(), upstream.stop(), second.stop()]));

  beforeEach(() => {
    upstream.clear();
    second.clear();
  });

  afterEach(async () => {
    await deactivateAll(replicas.at(0));
  });

  /** Registers a provider with the first replica and waits until all have heard of it. */
  const register = async (
    settings: Parameters<typeof registerProvider>[2],
    at = upstream,
  ): Promise<AIProviderView> => {
    const provider = await registerProvider(replicas.at(0), at, settings);
    await replicas.untilKnown(provider.id);
    return provider;
  };
  let asked = 0;
  const ask = (replica: RunningService, body: object = {}): Promise<Answer<CompletionResponse>> =>
    replica.call<CompletionResponse>('POST', '/ai-providers/complete', {
      prompt: `Question ${++asked}`,
      cache: false,
      ...body,
    });
  const circuits = (id: string): Promise<(string | undefined)[]> =>
    Promise.all(
      replicas.all.map(
        async (replica) =>
          (await replica.call<AIProviderView>('GET', `/ai-providers/${id}`)).body.circuitState,
      ),
    );

  it('let exactly a minute’s requests through, however they are spread', async () => {
    await register({ rateLimit: { requestsPerMinute: 60, tokensPerMinute: ROOMY } });
    const answers = await Promise.all(
      // Seven of ten go to the first.
      Array.from({ length: 100 }, (_, n) => ask(replicas.at(n % 10 < 7 ? 0 : n), { timeout: 8_000 })),
    );
    const codes = answers.map(({ status: code }) => code);
    expect([
      codes.filter((code) => code === 200).length,
      codes.filter((code) => code === 429).length,
    ]).toEqual([60, 40]);
    expect(upstream.calls).toHaveLength(60);
  }, 60_000);

  it('never send a provider more at once than it takes, and serve all who wait', async () => {
    await register({ maxConcurrency: 2 });
    upstream.default({ ...answer({ text: 'slow' }), delayMs: 60 });
    const answers = await Promise.all(Array.from({ length: 18 }, (_, n) => ask(replicas.at(n))));
    expect(answers.map(({ status: code }) => code)).toEqual(Array(18).fill(200));
    const atOnce = upstream.calls.map(
      ({ receivedAt: at }) =>
        upstream.calls.filter(({ receivedAt, closedAt }) => receivedAt <= at && (closedAt ?? Infinity) > at)
          .length,
    );
    expect(Math.max(...atOnce)).toBe(2);
  }, 60_000);

  it('all leave a provider alone whose vendor asked one of them for rest', async () => {
    const { id } = await register({ retryAttempts: 1 });
    upstream.next(status(429, { headers: { 'retry-after': '30' } }));
    await ask(replicas.at(0));
    for (const replica of replicas.all) {
      const { status: code, headers } = await ask(replica, { providerId: id, timeout: 1_000 });
      expect([code, Number(headers.get('retry-after')) > 20]).toEqual([429, true]);
    }
    expect(upstream.calls).toHaveLength(1);
  });

  it('all stop asking when one has opened the circuit, show it, and go on when an operator closes it at one', async () => {
    const { id } = await register({ retryAttempts: 5 });
    upstream.default(status(503));
    await ask(replicas.at(0));
    expect(upstream.calls).toHaveLength(5);
    for (const replica of replicas.all)
      expect(await ask(replica, { providerId: id })).toMatchObject({
        status: 503,
        body: { code: 'NO_PROVIDER_AVAILABLE' },
      });
    expect(upstream.calls).toHaveLength(5);
    await eventually(1_000, async () => (await circuits(id)).every((state) => state === 'OPEN'));
    upstream.default({ text: 'Back' });
    await replicas.at(1).call('POST', `/ai-providers/${id}/circuit/reset`);
    await eventually(1_000, async () => (await circuits(id)).every((state) => state === 'CLOSED'));
    for (const replica of replicas.all) expect((await ask(replica)).status).toBe(200);
  });

  it('send one trial at a time when the circuit is half-open, and close it together', async () => {
    const { id } = await register({ retryAttempts: 5 });
    upstream.default(status(503));
    await ask(replicas.at(0));
    upstream.default({ ...answer({ text: 'Back' }), delayMs: 300 });
    await eventually(OPEN_MS + 3_000, async () => (await circuits(id)).includes('HALF_OPEN'));
    const before = upstream.calls.length;
    const trials = await Promise.all(replicas.all.map((replica) => ask(replica, { timeout: 250 })));
    expect(
      trials.filter(({ body }) => (body as { code?: string }).code === 'NO_PROVIDER_AVAILABLE'),
    ).toHaveLength(2);
    expect(upstream.calls.length - before).toBe(1);
    upstream.default({ text: 'Back' });
    await eventually(5_000, async () => (await ask(replicas.at(++asked))).status === 200);
    await eventually(5_000, async () => (await ask(replicas.at(++asked))).status === 200);
    await eventually(2_000, async () => (await circuits(id)).every((state) => state === 'CLOSED'));
  }, 30_000);

  it('spend at most 7 tries in all on an outage of a minute, and have the provider back soon', async () => {
    const model = 'outage';
    const { id } = await register({ model, priority: 1 });
    await register({ model }, second);
    upstream.default(status(503));
    const startedAt = performance.now();
    const tries = (): number => upstream.calls.length;
    let [triesInOutage, recoveredAt] = [0, 0];
    for (let beat = 0; ; beat += 1) {
      await pause(Math.max(0, startedAt + (beat * 4_000) / SCALE - performance.now()));
      if (recoveredAt === 0 && performance.now() - startedAt >= 60_000 / SCALE) {
        triesInOutage = tries();
        upstream.default({ text: 'Back' });
        recoveredAt = performance.now();
      }
      const { status: code, body } = await ask(replicas.at(beat), { model });
      expect(code).toBe(200);
      if (recoveredAt > 0 && body.providerId === id) break;
    }
    expect(triesInOutage).toBeGreaterThanOrEqual(5);
    expect(triesInOutage).toBeLessThanOrEqual(7);
    // A beat of 4 s and the half of the scaled 15 s are less than a busy machine's hiccups.
    expect(performance.now() - recoveredAt).toBeLessThan(15_000 / SCALE + 2_000);
  }, 60_000);

  it('share answers, and make one call of identical requests at the same time', async () => {
    await register({});
    upstream.default({ ...answer({ text: 'One for all' }), delayMs: 300 });
    const same = { prompt: 'The same for all', cache: undefined };
    const plain = replicas.all.flatMap((replica) => [ask(replica, same), ask(replica, same)]);
    const streams = replicas.all.map((replica) => streamCompletion(replica.url, { prompt: same.prompt }));
    const answers = await Promise.all(plain);
    const streamed = await Promise.all(streams);
    expect(answers.map(({ body }) => body.content)).toEqual(Array(6).fill('One for all'));
    expect(streamed.map(({ content, done }) => [content, done])).toEqual(
      Array(3).fill(['One for all', true]),
    );
    expect(upstream.calls).toHaveLength(1);
    const again = await Promise.all(replicas.all.map((replica) => ask(replica, same)));
    expect(again.map(({ headers }) => headers.get('x-cache'))).toEqual(['HIT', 'HIT', 'HIT']);
  });

  it('do not fail for the failure of the one that asks, nor for its end', async () => {
    await register({ retryAttempts: 1 });
    const same = { prompt: 'Asked by one that fails', cache: undefined };
    upstream.next({ ...status(500), delayMs: 200 });
    const answers = await Promise.all(replicas.all.map((replica) => ask(replica, same)));
    expect(answers.map(({ status: code }) => code).sort()).toEqual([200, 200, 502]);

    const doomed = await replicas.startOne();
    const same2 = { prompt: 'Asked by one that dies', cache: undefined };
    upstream.clear();
    upstream.default({ ...answer({ text: 'Said again' }), delayMs: 1_500 });
    ask(doomed, same2).catch(() => undefined);
    await upstream.arrival(1);
    const others = replicas.all.map((replica) => ask(replica, same2));
    await doomed.stop('SIGKILL');
    expect((await Promise.all(others)).map(({ body }) => body.content)).toEqual(Array(3).fill('Said again'));
    expect(upstream.calls).toHaveLength(2);
  }, 60_000);

  it('answer for all: each says the same numbers', async () => {
    const { id } = await register({
      pricing: { inputTokenCost: 0.1, outputTokenCost: 0.2, currency: 'USD' },
    });
    upstream.default({ text: 'Counted', usage: { prompt: 7, completion: 3 } });
    await Promise.all(Array.from({ length: 30 }, (_, n) => ask(replicas.at(n))));
    for (const replica of replicas.all) {
      const metrics = async (): Promise<ProviderMetrics> =>
        (await replica.call<ProviderMetrics>('GET', `/ai-providers/metrics/${id}`)).body;
      await eventually(5_000, async () => (await metrics()).totalRequests === 30);
      expect(await metrics()).toMatchObject({
        successfulRequests: 30,
        totalTokensUsed: 300,
        totalCost: 0.039,
      });
    }
  });
});
