import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Alert } from '../../src/index.js';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { status } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { createThrowawayDatabase } from '../integration/support/real-postgres.js';
import { describeWith, hasServices } from '../services/with-services.js';
import { registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';
import { WEBHOOK_SECRET, WebhookReceiver } from './support/webhook-receiver.js';

/** A circuit that opens is another alert, and so is what all callers of a lone provider felt. */
const ENV = { AI_BREAKER_FAILURE_THRESHOLD: '1000' };

/** The alerts about one provider. */
const alertsOf = async (service: RunningService, providerId: string, query = ''): Promise<Alert[]> => {
  const { body } = await service.call<Alert[]>('GET', `/ai-providers/alerts${query}`);
  return body.filter((alert) => alert.providerId === providerId);
};

async function failFiveTimes(service: RunningService, upstream: FakeUpstream, id: string): Promise<void> {
  upstream.default(status(500));
  for (let count = 0; count < 5; count++)
    await service.call('POST', '/ai-providers/complete', { prompt: `Hi ${count}`, providerId: id });
}

describe('alerts that are kept', () => {
  it('outlive a restart, end when they hold no longer, and are listed by status', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ai-providers-alerts-'));
    const database = hasServices('PostgreSQL') ? await createThrowawayDatabase() : undefined;
    if (database) await migrate({ connectionString: database.url });
    const env = { ...ENV, AI_DATA_DIR: directory, ...(database && { DATABASE_URL: database.url }) };
    const upstream = await FakeUpstream.start();
    const first = await RunningService.start(env);
    const { id } = await registerProvider(first, upstream, { retryAttempts: 1 });
    await failFiveTimes(first, upstream, id);
    const [alert, ...others] = await alertsOf(first, id);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({
      type: 'error_rate',
      severity: 'critical',
      status: 'active',
      resolvedAt: null,
    });
    await first.stop();

    const second = await RunningService.start(env);
    expect(await alertsOf(second, id)).toEqual([alert]);
    await second.stop();

    const lenient = await RunningService.start({
      ...env,
      AI_ALERT_ERROR_RATE_WARNING: '100',
      AI_ALERT_ERROR_RATE_CRITICAL: '100',
    });
    expect(await alertsOf(lenient, id)).toEqual([]);
    const [ended] = await alertsOf(lenient, id, '?status=resolved');
    expect(ended).toMatchObject({ id: alert?.id, triggeredAt: alert?.triggeredAt, status: 'resolved' });
    expect(Date.parse(ended?.resolvedAt ?? '')).toBeGreaterThan(Date.parse(alert?.triggeredAt ?? ''));
    expect(await alertsOf(lenient, id, '?status=all')).toEqual([ended]);
    const refused = await lenient.call('GET', '/ai-providers/alerts?status=open');
    expect([refused.status, refused.body['code']]).toEqual([400, 'VALIDATION_FAILED']);
    await Promise.all([lenient.stop(), upstream.stop()]);
    await database?.drop();
    await rm(directory, { recursive: true });
  }, 90_000);

  it('are not announced without a secret to sign with', async () => {
    await expect(
      RunningService.start({ AI_ALERT_WEBHOOK_URL: 'http://127.0.0.1:1/' }, { embedded: true }),
    ).rejects.toThrow(/AI_ALERT_WEBHOOK_SECRET/);
  }, 60_000);
});

const onServer = describeWith('PostgreSQL');

onServer('the alert webhook of two replicas', () => {
  it('hears of each alert’s begin and end once, signed, and again where it did not take the message', async () => {
    const receiver = await WebhookReceiver.start<Alert>(1);
    const database = await createThrowawayDatabase();
    await migrate({ connectionString: database.url });
    const env = {
      ...ENV,
      DATABASE_URL: database.url,
      AI_ALERT_WEBHOOK_URL: receiver.url,
      AI_ALERT_WEBHOOK_SECRET: WEBHOOK_SECRET,
      AI_ALERT_CHECK_INTERVAL_MS: '200',
    };
    const upstream = await FakeUpstream.start();
    const [one, other] = await Promise.all([RunningService.start(env), RunningService.start(env)]);
    const { id } = await registerProvider(one, upstream, { retryAttempts: 1 });
    await failFiveTimes(one, upstream, id);

    const messages = (): typeof receiver.taken => receiver.taken.filter(({ data }) => data.providerId === id);
    // One for the provider, one for the service; whichever was refused is sent again.
    await eventually(20_000, () => receiver.taken.length === 2);
    expect(receiver.taken.map((message) => message.id)).toContain(receiver.refused[0]);
    const [alert] = await alertsOf(other, id);
    expect(messages()[0]).toMatchObject({
      type: 'alert.triggered',
      data: { id: alert?.id, providerId: id },
    });

    upstream.default({ text: 'Well again', chunks: 1 });
    await one.call('POST', `/ai-providers/${id}/circuit/reset`);
    for (let count = 0; count < 25; count++)
      await one.call('POST', '/ai-providers/complete', {
        prompt: `Well ${count}`,
        providerId: id,
        cache: false,
      });
    await eventually(20_000, () => messages().some(({ type }) => type === 'alert.resolved'));
    expect(messages().map(({ type }) => type)).toEqual(['alert.triggered', 'alert.resolved']);
    expect(messages()[1]?.data).toMatchObject({ id: alert?.id, status: 'resolved' });
    for (const { output } of [one, other]) expect(output()).not.toMatch(/hush|whsec_/);
    await Promise.all([one.stop(), other.stop(), upstream.stop(), receiver.stop()]);
    await database.drop();
  }, 90_000);
});
