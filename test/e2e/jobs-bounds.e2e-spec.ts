import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { stall } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { OwnRedis } from '../integration/support/own-redis.js';
import { describeWith } from '../services/with-services.js';
import { cancel, queued, submit, untilStatus } from './support/jobs.js';
import { registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const KEYS = ['ops:admin', 'one:client', 'two:client'].map((key) => `${key}:secret-of-${key}-0123456789`);
const keyOf = (key: string): Record<string, string> => ({ 'x-api-key': `secret-of-${key}-0123456789` });

const withRedis = describeWith('redis-server');

withRedis('what one caller may have waiting', () => {
  let redis: OwnRedis;
  let service: RunningService;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [redis, upstream] = await Promise.all([OwnRedis.start(), FakeUpstream.start()]);
    service = await RunningService.start({
      REDIS_URL: redis.url,
      AI_API_KEYS: KEYS.join(','),
      AI_JOBS_CONCURRENCY: '1',
      AI_JOBS_MAX_WAITING: '3',
      AI_JOBS_MAX_WAITING_BYTES: '20000',
    });
    Object.assign(service.headers, keyOf('ops:admin'));
    await registerProvider(service, upstream, { retryAttempts: 1 });
  }, 90_000);

  afterAll(async () => {
    await service?.stop();
    await Promise.all([redis.stop(), upstream.stop()]);
  }, 60_000);

  it('is bounded by number and by bytes, each caller for itself, and free again when jobs end', async () => {
    upstream.next(stall()).default({ text: 'Done' });
    const mine = keyOf('one:client');
    const active = await queued(service, { prompt: 'Held up' }, mine);
    const waiting = await queued(service, { prompt: 'Waits' }, mine);
    const large = { prompt: 'x'.repeat(21_000) };
    for (const [body, headers] of [[large, keyOf('two:client')] as const, [large, mine] as const]) {
      const refused = await submit(service, body, headers);
      expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '5']);
      expect(refused.body).toMatchObject({ code: 'RATE_LIMITED' });
      expect(refused.text).toContain('20000 bytes');
    }
    await queued(service, { prompt: 'The third' }, mine);
    expect((await submit(service, { prompt: 'One too many' }, mine)).status).toBe(429);
    const other = await queued(service, { prompt: 'Another caller' }, keyOf('two:client'));

    await cancel(service, active);
    for (const id of [waiting, other]) await untilStatus(service, id, 'completed');
    await eventually(
      10_000,
      async () => (await submit(service, { prompt: 'Room again' }, mine)).status === 202,
    );
  }, 60_000);
});
