import { randomUUID } from 'node:crypto';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { stall } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { OwnRedis } from '../integration/support/own-redis.js';
import { describeWith } from '../services/with-services.js';
import { lookUp, queued, submit, untilStatus } from './support/jobs.js';
import { registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const withRedis = describeWith('redis-server');

withRedis('jobs while Redis is away', () => {
  let redis: OwnRedis;
  let upstream: FakeUpstream;
  let service: RunningService;

  beforeAll(async () => {
    [redis, upstream] = await Promise.all([OwnRedis.reserve(), FakeUpstream.start()]);
    service = await RunningService.start({ REDIS_URL: redis.url });
    await registerProvider(service, upstream, { retryAttempts: 1 });
  }, 120_000);

  // The last test has stopped the service.
  afterAll(() => Promise.all([redis.stop(), upstream.stop()]));

  afterEach(() => upstream.clear());

  /** Every call answers 503 soon, and says so. */
  async function expectAway(): Promise<void> {
    for (const ask of [
      () => submit(service, { prompt: 'Hi' }, { 'idempotency-key': randomUUID() }),
      () => lookUp(service, randomUUID()),
      () => service.call('DELETE', `/ai-providers/jobs/${randomUUID()}`),
    ]) {
      const startedAt = performance.now();
      const { status, body, headers } = await ask();
      expect(performance.now() - startedAt).toBeLessThan(1_000);
      expect([status, 'code' in body && body.code]).toEqual([503, 'JOBS_UNAVAILABLE']);
      expect(headers.get('retry-after')).toBe('1');
    }
  }

  const takesJobs = (): Promise<boolean> =>
    lookUp(service, randomUUID()).then(({ status }) => status === 404);

  async function expectCompleted(): Promise<void> {
    upstream.default({ text: 'Back' });
    const id = await queued(service, { prompt: `Are you back? ${randomUUID()}` });
    await untilStatus(service, id, 'completed', 20_000);
  }

  const said = (text: string): number => service.output().split(text).length - 1;
  const AWAY = 'Redis is away';
  const BACK = 'Redis is there';

  /** So many times that it went and came, each once. */
  async function expectSaid(times: number): Promise<void> {
    await eventually(5_000, () => said(BACK) >= times);
    expect([said(AWAY), said(BACK)]).toEqual([times, times]);
  }

  it('are refused at once when it was never there, and taken when it comes', async () => {
    await expectAway();
    await redis.start();
    await eventually(10_000, takesJobs);
    await expectCompleted();
    await expectSaid(1);
  }, 60_000);

  it('are refused at once when it has gone, and taken when it is back', async () => {
    await redis.stop();
    await expectAway();
    // Long enough for many a try to connect.
    await eventually(5_000, () => said(AWAY) === 2);
    await redis.start();
    await eventually(10_000, takesJobs);
    await expectCompleted();
    await expectSaid(2);
  }, 60_000);

  it('are refused soon when it stands still, and taken when it moves again; what was active ends', async () => {
    upstream.next({ answer: { text: 'Meanwhile' }, delayMs: 1_000 });
    const id = await queued(service, { prompt: 'In between' });
    await upstream.arrival(1);
    redis.freeze();
    await expectAway();
    redis.thaw();
    await eventually(10_000, takesJobs);
    expect(await untilStatus(service, id, 'completed')).toMatchObject({
      attempts: 1,
      result: { content: 'Meanwhile' },
    });
    await expectCompleted();
    await expectSaid(3);
    expect(said('met an error')).toBe(0);
  }, 60_000);

  it('do not keep the process from stopping', async () => {
    upstream.next(stall());
    await redis.stop();
    const startedAt = performance.now();
    expect(await service.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  }, 60_000);
});
