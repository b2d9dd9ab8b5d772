import type { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { stall } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { describeWith } from '../services/with-services.js';
import { startJobsService } from './support/jobs-service.js';
import { cancel, queued, submit, untilStatus } from './support/jobs.js';
import { registerProvider } from './support/providers.js';
import type { RunningService } from './support/running-service.js';

const KEYS = ['ops:admin', 'one:client', 'two:client'].map((key) => `${key}:secret-of-${key}-0123456789`);
const keyOf = (key: string): Record<string, string> => ({ 'x-api-key': `secret-of-${key}-0123456789` });

const withRedis = describeWith('redis-server');

withRedis('what one caller may have waiting', () => {
  let service: RunningService;
  let upstream: FakeUpstream;

  const env = {
    AI_API_KEYS: KEYS.join(','),
    AI_JOBS_MAX_WAITING: '3',
    AI_JOBS_MAX_WAITING_BYTES: '20000',
  };
  startJobsService(env, (started) => {
    ({ service, upstream } = started);
    Object.assign(service.headers, keyOf('ops:admin'));
  });

  beforeAll(async () => {
    await registerProvider(service, upstream, { retryAttempts: 1 });
  });

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
