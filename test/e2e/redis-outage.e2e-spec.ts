import { setTimeout as pause } from 'node:timers/promises';
import type { CompletionResponse } from '../../src/modules/ai-providers/interfaces/completion.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { status } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { OwnRedis } from '../integration/support/own-redis.js';
import { describeWith } from '../services/with-services.js';
import { deactivateAll, registerProvider } from './support/providers.js';
import { RunningService, type Answer } from './support/running-service.js';

/** What a Redis that hangs may cost a request, once. */
const ADDED_MS = 150;
/** What a busy machine may add to that for all but one in a hundred, and for that one. */
const LEEWAY_MS = 350;
const HICCUP_MS = 2_000;
const CALLERS = 8;

const onRedis = describeWith('redis-server');

onRedis('a service whose Redis goes away', () => {
  let redis: OwnRedis;
  let service: RunningService;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [redis, upstream] = await Promise.all([OwnRedis.start(), FakeUpstream.start()]);
    service = await RunningService.start({ REDIS_URL: redis.url, AI_CACHE_TTL_SECONDS: '300' });
  }, 90_000);

  afterAll(async () => {
    redis.thaw();
    await service.stop();
    await Promise.all([redis.stop(), upstream.stop()]);
  });

  beforeEach(async () => {
    upstream.clear();
    await deactivateAll(service);
    await eventually(10_000, () => changes(service).at(-1) === 'there');
  });

  let serial = 0;
  const ask = (on = service, body: object = {}): Promise<Answer<CompletionResponse>> =>
    on.call<CompletionResponse>('POST', '/ai-providers/complete', {
      prompt: `Asked ${++serial}`,
      timeout: 5_000,
      ...body,
    });

  /** Callers that ask one request after another until told to stop: how long each took, and the codes that were not 200. */
  function load(): { end: () => Promise<{ p99Ms: number; slowestMs: number; failed: number[] }> } {
    const took: number[] = [];
    const failed: number[] = [];
    let isOver = false;
    const call = async (): Promise<void> => {
      while (!isOver) {
        const startedAt = performance.now();
        const { status: code } = await ask();
        took.push(performance.now() - startedAt);
        if (code !== 200) failed.push(code);
      }
    };
    const calls = Promise.all(Array.from({ length: CALLERS }, call));
    return {
      end: async () => {
        isOver = true;
        await calls;
        expect(took.length).toBeGreaterThan(CALLERS);
        took.sort((a, b) => a - b);
        return { p99Ms: took[Math.floor(took.length * 0.99)] ?? 0, slowestMs: took.at(-1) ?? 0, failed };
      },
    };
  }

  /** The changes of Redis that the log tells, in order. */
  function changes({ output }: RunningService): string[] {
    return [...output().matchAll(/Redis is (there|away)/g)].map(([, how]) => how ?? '');
  }

  /** What the callers meet while `outage` lasts, beside what they met before it. */
  async function through(
    outage: () => Promise<void>,
  ): Promise<{ addedP99Ms: number; addedAtMostMs: number; failed: number[] }> {
    const before = load();
    await pause(1_000);
    const usual = await before.end();
    const during = load();
    await outage();
    const { p99Ms, slowestMs, failed } = await during.end();
    return { addedP99Ms: p99Ms - usual.p99Ms, addedAtMostMs: slowestMs - usual.slowestMs, failed };
  }

  it.each<[string, () => Promise<void>, string[]]>([
    [
      'is stopped and started',
      async () => {
        await redis.stop();
        await pause(1_000);
        await redis.start();
      },
      ['away', 'there'],
    ],
    [
      'hangs and goes on',
      async () => {
        redis.freeze();
        await pause(1_500);
        redis.thaw();
      },
      ['away', 'there'],
    ],
    [
      'comes and goes',
      async () => {
        for (let time = 0; time < 3; time += 1) {
          await redis.stop();
          await eventually(5_000, () => changes(service).at(-1) === 'away');
          await redis.start();
          await eventually(5_000, () => changes(service).at(-1) === 'there');
        }
      },
      ['away', 'there', 'away', 'there', 'away', 'there'],
    ],
  ])(
    'answers all requests, hardly later, when Redis %s; says each change once and is back by itself',
    async (_how, outage, told) => {
      await registerProvider(service, upstream, {
        maxConcurrency: 100,
        rateLimit: { requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000 },
      });
      await ask();
      const before = changes(service).length;
      const { addedP99Ms, addedAtMostMs, failed } = await through(outage);
      expect(failed).toEqual([]);
      expect(addedP99Ms).toBeLessThan(ADDED_MS + LEEWAY_MS);
      expect(addedAtMostMs).toBeLessThan(HICCUP_MS);
      await eventually(10_000, () => changes(service).at(-1) === 'there');
      expect(changes(service).slice(before)).toEqual(told);
      const same = { prompt: `Kept by Redis again ${++serial}` };
      await ask(service, same);
      expect((await ask(service, same)).headers.get('x-cache')).toBe('HIT');
    },
    60_000,
  );

  it('keeps limits and circuits by itself meanwhile', async () => {
    await redis.stop();
    await eventually(5_000, () => changes(service).at(-1) === 'away');
    await registerProvider(service, upstream, {
      model: 'limited',
      rateLimit: { requestsPerMinute: 3, tokensPerMinute: 1_000_000 },
    });
    const limited = await Promise.all(
      Array.from({ length: 5 }, () => ask(service, { model: 'limited', timeout: 1_000 })),
    );
    expect(limited.map(({ status: code }) => code).sort()).toEqual([200, 200, 200, 429, 429]);

    const { id } = await registerProvider(service, upstream, { model: 'failing', retryAttempts: 5 });
    const before = upstream.calls.length;
    upstream.default(status(503));
    await ask(service, { model: 'failing' });
    expect((await ask(service, { providerId: id })).body).toMatchObject({ code: 'NO_PROVIDER_AVAILABLE' });
    expect(upstream.calls.length - before).toBe(5);
    await redis.start();
  }, 30_000);

  it('starts without it all the same, and has it when it comes', async () => {
    const later = await OwnRedis.reserve();
    const lonely = await RunningService.start({ REDIS_URL: later.url });
    try {
      expect(changes(lonely)).toEqual(['away']);
      await registerProvider(lonely, upstream);
      expect((await ask(lonely)).status).toBe(200);
      await later.start();
      await eventually(5_000, () => changes(lonely).at(-1) === 'there');
      expect((await ask(lonely)).status).toBe(200);
      expect(changes(lonely)).toEqual(['away', 'there']);
    } finally {
      await lonely.stop();
      await later.stop();
    }
  }, 90_000);
});
