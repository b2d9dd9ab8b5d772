import type { AIJob } from '../../src/index.js';
import type { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { answer, stall, status } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import type { OwnRedis } from '../integration/support/own-redis.js';
import { describeWith } from '../services/with-services.js';
import { startJobsService } from './support/jobs-service.js';
import { cancel, lookUp, queued, submit, untilStatus } from './support/jobs.js';
import { deactivateAll, registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';
import { WEBHOOK_SECRET, WebhookReceiver } from './support/webhook-receiver.js';

const key = (name: string): Record<string, string> => ({
  authorization: `Bearer secret-of-${name}-0123456789`,
});
const KEYS = [
  ['ops', 'admin'],
  ['one', 'client'],
  ['two', 'client'],
  ['watch', 'monitor'],
].map(([name = '', role]) => `${name}:${role}:secret-of-${name}-0123456789`);

const NOBODY = '00000000-0000-4000-8000-000000000000';

const withRedis = describeWith('redis-server');

withRedis('jobs', () => {
  let redis: OwnRedis;
  let service: RunningService;
  let upstream: FakeUpstream;

  const env = { AI_API_KEYS: KEYS.join(','), AI_JOBS_WEBHOOK_SECRET: WEBHOOK_SECRET };
  startJobsService(env, (started) => {
    ({ redis, service, upstream } = started);
    Object.assign(service.headers, key('ops'));
  });

  beforeEach(async () => {
    await registerProvider(service, upstream, { retryAttempts: 1 });
  });

  afterEach(async () => {
    upstream.clear();
    await deactivateAll(service);
  });

  const prompts = (): unknown[] =>
    upstream.calls
      .filter(({ method }) => method === 'POST')
      .map(({ body }) => (body['messages'] as { content: unknown }[]).at(-1)?.content);

  it('say where they are, and have the answer once there is one', async () => {
    upstream.next({ text: 'Worth the wait' });
    const { status: code, headers, body } = await submit(service, { prompt: 'Take your time' });
    expect([code, headers.get('location')]).toEqual([202, `/api/ai-providers/jobs/${body.id}`]);
    expect(body).toMatchObject({ priority: 'normal', progress: 0, result: null, error: null });
    const job = await untilStatus(service, body.id, 'completed');
    expect(job).toMatchObject({
      id: body.id,
      createdAt: body.createdAt,
      progress: 100,
      attempts: 1,
      result: { content: 'Worth the wait', providerType: 'OPENAI', usage: { source: 'reported' } },
      error: null,
    });
    expect(Date.parse(job.expiresAt ?? '') - Date.parse(job.finishedAt ?? '')).toBe(86_400_000);
    expect(Date.parse(job.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(job.createdAt));
  });

  it.each([
    [{ prompt: 'Hi', stream: true }, /^stream must not be true/],
    [{ prompt: 'Hi', temperature: 3 }, /^temperature must not be greater than 2/],
    [{}, /^prompt or messages must be given/],
    [{ prompt: 'Hi', colour: 1 }, /^colour is not a known field/],
    [{ prompt: 'Hi', webhook: { url: 'ftp://example.com/' } }, /^webhook.url must be/],
    [{ prompt: 'Hi', webhook: { url: 'http://169.254.169.254/' } }, /^webhook.url is refused/],
  ])('are refused where their request is: %j', async (body, problem) => {
    const { status: code, body: error } = await service.call('POST', '/ai-providers/jobs', body);
    expect([code, error['code']]).toEqual([400, 'VALIDATION_FAILED']);
    expect(error['message']).toEqual([expect.stringMatching(problem)]);
    expect(upstream.calls).toEqual([]);
  });

  it('are worked on by priority, then in the order in which they came', async () => {
    upstream.next(stall()).default({ text: 'Done' });
    const first = await queued(service, { prompt: 'first' });
    await upstream.arrival(1);
    const ids: string[] = [];
    for (const [prompt, priority] of [
      ['low 1', 'low'],
      ['normal 1', undefined],
      ['high 1', 'high'],
      ['normal 2', 'normal'],
      ['high 2', 'high'],
    ])
      ids.push(await queued(service, { prompt, priority }));
    await cancel(service, first);
    for (const id of ids) await untilStatus(service, id, 'completed');
    expect(prompts()).toEqual(['first', 'high 1', 'high 2', 'normal 1', 'normal 2', 'low 1']);
  }, 60_000);

  it('are one for one idempotency key, and refused where the key comes with another request', async () => {
    upstream.default({ text: 'Once' });
    const body = { prompt: 'Only once', temperature: 1 };
    const once = { 'idempotency-key': '"order 66"' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => submit(service, body, once)));
    const ids = new Set(answers.map(({ body: job }) => job.id));
    expect([ids.size, ...answers.map(({ status: code }) => code)]).toEqual([
      1,
      ...Array<number>(8).fill(202),
    ]);
    await untilStatus(service, answers[0]!.body.id, 'completed');
    const again = await submit(service, { temperature: 1, prompt: 'Only once' }, once);
    expect([again.status, again.body.id, again.body.status]).toEqual([202, answers[0]?.body.id, 'completed']);
    expect(upstream.calls).toHaveLength(1);

    const other = await service.call('POST', '/ai-providers/jobs', { prompt: 'Something else' }, once);
    expect([other.status, other.body['code']]).toEqual([422, 'IDEMPOTENCY_KEY_REUSED']);
    const ofAnother = await submit(service, body, { ...once, ...key('one') });
    expect(ofAnother.status).toBe(202);
    expect(ofAnother.body.id).not.toBe(again.body.id);
    await untilStatus(service, ofAnother.body.id, 'completed');
    const bad = await submit(service, body, { 'idempotency-key': '"' });
    expect(bad.status).toBe(400);
  });

  it('are one for one idempotency key, whatever another request with it is doing meanwhile', async () => {
    upstream.default({ text: 'Once' });
    const keys = Array.from({ length: 100 }, (_, index) => `"crowd ${index}"`);
    const left = keys.flatMap((one) => Array<string>(6).fill(one));
    const ids = new Set<string>();
    const caller = async (): Promise<void> => {
      for (let one = left.shift(); one !== undefined; one = left.shift())
        ids.add(await queued(service, { prompt: one }, { 'idempotency-key': one }));
    };
    await Promise.all(Array.from({ length: 16 }, caller));
    expect(ids.size).toBe(keys.length);
    for (const id of ids) await untilStatus(service, id, 'completed');
    expect(prompts().toSorted()).toEqual(keys.toSorted());
  }, 60_000);

  it('give their idempotency key free when they expire', async () => {
    upstream.default({ text: 'Again' });
    const brief = await RunningService.start({ REDIS_URL: redis.url, AI_JOBS_RESULT_TTL_SECONDS: '1' });
    await registerProvider(brief, upstream);
    const send = (): ReturnType<typeof submit> =>
      submit(brief, { prompt: 'For a second' }, { 'idempotency-key': '"brief"' });
    const first = await send();
    await eventually(10_000, async () => (await lookUp(brief, first.body.id)).status === 404);
    expect(prompts()).toHaveLength(1);
    const second = await send();
    expect([second.status, second.body.id]).toEqual([202, first.body.id]);
    expect(Date.parse(second.body.createdAt)).toBeGreaterThan(Date.parse(first.body.createdAt));
    await eventually(10_000, () => prompts().length === 2);
    await brief.stop();
  }, 60_000);

  it('are cancelled before they are sent, while a vendor is at work, and not once they have ended', async () => {
    upstream.next(stall()).default({ text: 'Done' });
    const active = await queued(service, { prompt: 'active' });
    const call = await upstream.arrival(1);
    const waiting = await queued(service, { prompt: 'waiting' });
    const last = await queued(service, { prompt: 'last', priority: 'low' });

    const cancelled = await cancel(service, waiting);
    expect([cancelled.status, cancelled.body.status]).toEqual([200, 'cancelled']);
    expect((await lookUp(service, active)).body.status).toBe('active');
    const cancelledAt = performance.now();
    expect((await cancel(service, active)).body).toMatchObject({ status: 'cancelled', result: null });
    expect((await call.whenAborted()) - cancelledAt).toBeLessThan(5_000);

    const ended = await untilStatus(service, last, 'completed');
    expect(prompts()).toEqual(['active', 'last']);
    expect((await cancel(service, last)).body).toEqual(ended);
    for (const id of [active, waiting]) {
      const again = await cancel(service, id);
      expect([again.status, again.body.status, again.body.error]).toEqual([200, 'cancelled', null]);
    }
  });

  it('are their caller’s: another has none of that id, an admin has', async () => {
    upstream.default({ text: 'Private' });
    const id = await queued(service, { prompt: 'Mine' }, key('one'));
    await untilStatus(service, id, 'completed');
    const ask = (method: string, name: string, of = id): Promise<unknown[]> =>
      service
        .call('GET', `/ai-providers/jobs/${of}`, undefined, key(name))
        .then(async (read) =>
          method === 'GET' ? read : service.call(method, `/ai-providers/jobs/${of}`, undefined, key(name)),
        )
        .then(({ status: code, body }) => [code, body['code'] ?? body['status']]);
    expect(await ask('GET', 'one')).toEqual([200, 'completed']);
    expect(await ask('GET', 'ops')).toEqual([200, 'completed']);
    for (const method of ['GET', 'DELETE']) {
      expect(await ask(method, 'two')).toEqual([404, 'JOB_NOT_FOUND']);
      expect(await ask(method, 'watch')).toEqual([403, 'FORBIDDEN']);
      expect(await ask(method, 'ops', NOBODY)).toEqual([404, 'JOB_NOT_FOUND']);
      expect(await ask(method, 'ops', 'meta')).toEqual([404, 'JOB_NOT_FOUND']);
    }
  });

  it('that fail have the error a caller of /complete would have had', async () => {
    upstream.next(status(400, { message: 'No such thing' }));
    const id = await queued(service, { prompt: 'Wrong' }, { 'x-request-id': 'of-the-job' });
    const { error, result, attempts } = await untilStatus(service, id, 'failed');
    expect([result, attempts]).toEqual([null, 1]);
    expect(error).toMatchObject({
      statusCode: 400,
      code: 'UPSTREAM_REJECTED_REQUEST',
      requestId: 'of-the-job',
      attempts: [{ status: 400 }],
    });
  });

  it('wait for a provider where there is none yet', async () => {
    await deactivateAll(service);
    const id = await queued(service, { prompt: 'Patience' });
    await eventually(10_000, async () => {
      const { attempts, status: code } = (await lookUp(service, id)).body;
      return attempts === 1 && code === 'queued';
    });
    upstream.next({ text: 'There you are' });
    await registerProvider(service, upstream);
    const job = await untilStatus(service, id, 'completed');
    expect(job).toMatchObject({ attempts: 2, result: { content: 'There you are' }, error: null });
  }, 60_000);

  it('tell a webhook how they ended, signed, and again where it did not take the message', async () => {
    const receiver = await WebhookReceiver.start<AIJob>(1);
    upstream.next(answer({ text: 'For the hook' }), status(400));
    const webhook = { url: receiver.url };
    const done = await queued(service, { prompt: 'Tell me', webhook });
    const failed = await queued(service, { prompt: 'Tell me too', webhook });
    await eventually(30_000, () => receiver.taken.length === 2);
    expect(receiver.refused).toEqual([`msg_${done}`]);
    const told = new Map(receiver.taken.map((message) => [message.id, message]));
    expect(told.get(`msg_${done}`)).toMatchObject({ type: 'job.completed', data: { id: done } });
    expect(told.get(`msg_${done}`)?.data).toEqual((await lookUp(service, done)).body);
    expect(told.get(`msg_${failed}`)).toMatchObject({
      type: 'job.failed',
      data: { error: { code: 'UPSTREAM_REJECTED_REQUEST' } },
    });
    expect(service.output()).not.toMatch(/hush|whsec_/);
    await receiver.stop();
  }, 60_000);

  it('are counted for Prometheus by status', async () => {
    const { text } = await service.call('GET', '/metrics');
    expect(text).toMatch(/^ai_providers_jobs\{status="completed"\} [1-9]/m);
    expect(text).toMatch(/^ai_providers_jobs\{status="queued"\} 0$/m);
  });
});
