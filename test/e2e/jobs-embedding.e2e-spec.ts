import type { INestApplication } from '@nestjs/common';
import { AIJobsModule, AIJobsService, AIProvidersModule, type AIJob } from '../../src/index.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { stall } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { OwnRedis } from '../integration/support/own-redis.js';
import { describeWith } from '../services/with-services.js';
import {
  ADAPTERS,
  hostSettings,
  registerUpstream,
  startHost,
  type HostSettings,
} from './support/nest-host.js';

const imports = (options: HostSettings['options']): object => ({
  imports: [AIProvidersModule.forRoot({ ...options, isGlobal: true }), AIJobsModule],
});

const submit = async (app: INestApplication, body: object): Promise<Response> =>
  fetch(`${await app.getUrl()}/api/ai-providers/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

it('jobs without Redis are refused with what to set', async () => {
  const settings = await hostSettings();
  const app = await startHost(imports(settings.options));
  const answer = await submit(app, { prompt: 'Hi' });
  const { code, message } = (await answer.json()) as Record<string, string>;
  expect([answer.status, code, message]).toEqual([
    503,
    'JOBS_UNAVAILABLE',
    'Jobs are kept in Redis: set REDIS_URL to use them',
  ]);
  await app.close();
  await settings.drop();
}, 60_000);

describeWith('redis-server').each(Object.entries(ADAPTERS))('Jobs in a host on %s', (_name, adapter) => {
  let redis: OwnRedis;
  let settings: HostSettings;
  let upstream: FakeUpstream;
  let app: INestApplication;

  beforeAll(async () => {
    [redis, upstream, settings] = await Promise.all([OwnRedis.start(), FakeUpstream.start(), hostSettings()]);
    const options = { ...settings.options, redisUrl: redis.url, jobs: { resultTtlSeconds: 2 } };
    app = await startHost(imports(options), adapter());
    await registerUpstream(app, upstream);
  }, 60_000);

  afterAll(async () => {
    await app?.close();
    await Promise.all([redis.stop(), upstream.stop(), settings.drop()]);
  }, 30_000);

  it('are worked on, and gone when their time is over', async () => {
    upstream.next({ text: 'Not for long' });
    const { status, headers } = await submit(app, { prompt: 'Hi' });
    expect(status).toBe(202);
    const location = (await app.getUrl()) + (headers.get('location') ?? '');
    let job: AIJob | undefined;
    await eventually(10_000, async () => {
      job = (await (await fetch(location)).json()) as AIJob;
      return job.status === 'completed';
    });
    expect(job?.result?.content).toBe('Not for long');
    await eventually(5_000, async () => (await fetch(location)).status === 404);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(job?.expiresAt ?? ''));
  }, 30_000);

  it('are taken from the host’s own code, and cancelled by it', async () => {
    upstream.next(stall());
    const jobs = app.get(AIJobsService);
    const { id } = await jobs.submit({ request: { prompt: 'Hi' }, caller: 'nightly' });
    const call = await upstream.arrival(2);
    await expect(jobs.get(id, { all: false, caller: 'other' })).rejects.toMatchObject({
      code: 'JOB_NOT_FOUND',
    });
    expect((await jobs.cancel(id)).status).toBe('cancelled');
    await call.whenAborted();
  }, 30_000);
});
