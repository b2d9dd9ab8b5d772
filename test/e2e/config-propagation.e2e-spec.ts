import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import type { AIProviderView } from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { eventually } from '../integration/support/eventually.js';
import { createThrowawayDatabase } from '../integration/support/real-postgres.js';
import { UnreliableLink } from '../integration/support/unreliable-link.js';
import { describeWith } from '../services/with-services.js';
import { registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const REPLICAS = 3;

/** The contract's second. */
const IN_FORCE_MS = 1_000;

const onServer = describeWith('PostgreSQL');

onServer('a provider changed on one replica', () => {
  let upstream: FakeUpstream;
  let dataDir: string;
  let database: Awaited<ReturnType<typeof createThrowawayDatabase>>;
  let link: UnreliableLink;
  let client: pg.Client;
  let first: RunningService;
  let others: RunningService[];
  let provider: AIProviderView;
  let serial = 0;

  beforeAll(async () => {
    [upstream, dataDir, database] = await Promise.all([
      FakeUpstream.start(),
      mkdtemp(join(tmpdir(), 'ai-providers-replicas-')),
      createThrowawayDatabase(),
    ]);
    await migrate({ connectionString: database.url });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    link = await UnreliableLink.open(database.url);
    const start = (url: string): Promise<RunningService> =>
      RunningService.start({ DATABASE_URL: url, AI_DATA_DIR: dataDir });
    first = await start(database.url);
    others = await Promise.all(Array.from({ length: REPLICAS - 1 }, () => start(link.url)));
    provider = await registerProvider(first, upstream);
    await sleep(IN_FORCE_MS);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([first, ...others].map((service) => service.stop()));
    await client.end();
    await link.close();
    await Promise.all([upstream.stop(), database.drop(), rm(dataDir, { recursive: true, force: true })]);
  });

  /** Changes the model at the first replica, and expects the others to ask for that one a second later. */
  async function expectInForce(): Promise<void> {
    const model = `model-${++serial}`;
    expect((await first.call('PUT', `/ai-providers/${provider.id}`, { model })).status).toBe(200);
    await sleep(IN_FORCE_MS);
    const answers = await Promise.all(
      others.map((replica) =>
        replica.call('POST', '/ai-providers/complete', { prompt: 'Hi', providerId: provider.id }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(others.map(() => 200));
    expect(upstream.calls.slice(-others.length).map(({ body }) => body['model'])).toEqual(
      others.map(() => model),
    );
  }

  it('is in force on all within a second', expectInForce);

  it('is in force within a second where the connections that are notified were closed', async () => {
    const { rowCount } = await client.query(
      `SELECT pg_terminate_backend("pid") FROM pg_stat_activity WHERE "datname" = current_database() AND "query" LIKE 'LISTEN%'`,
    );
    expect(rowCount).toBe(REPLICAS);
    await expectInForce();
    await expectInForce();
  });

  it('is in force within a second where the connections that are notified hang', async () => {
    expect(link.hangThoseThatSaid('LISTEN')).toBe(others.length);
    await expectInForce();
    await expectInForce();
    // They have been given up for others.
    expect(link.hangThoseThatSaid('LISTEN')).toBeGreaterThan(others.length);
  });

  it('is in force within a second where nobody is ever notified', async () => {
    await client.query(`ALTER TABLE "AIProvider" DISABLE TRIGGER "AIProvider_notify"`);
    await expectInForce();
    await expectInForce();
    await client.query(`ALTER TABLE "AIProvider" ENABLE TRIGGER "AIProvider_notify"`);
  });

  it('is in force soon after the database is there again', async () => {
    for (const how of ['cut', 'hang'] as const) {
      link[how]();
      const changed = await first.call('PUT', `/ai-providers/${provider.id}`, { model: `missed-${how}` });
      expect(changed.status).toBe(200);
      await sleep(3_000);
      link.restore();
      for (const replica of others)
        await eventually(5_000, async () => {
          const { body } = await replica.call<AIProviderView>('GET', `/ai-providers/${provider.id}`);
          return body.model === `missed-${how}`;
        });
      await expectInForce();
    }
  }, 60_000);

  it('is asked no more within a second after it was deactivated, and its key is known nowhere after it was purged', async () => {
    const path = `/ai-providers/${provider.id}`;
    await first.call('DELETE', path);
    await sleep(IN_FORCE_MS);
    for (const replica of others) {
      const asked = { prompt: 'Hi', providerId: provider.id };
      expect((await replica.call('POST', '/ai-providers/complete', asked)).body['code']).toBe(
        'PROVIDER_INACTIVE',
      );
    }
    expect((await first.call('DELETE', `${path}?purge=true`)).status).toBe(200);
    await sleep(IN_FORCE_MS);
    for (const replica of others)
      expect((await replica.call<AIProviderView>('GET', path)).body).toMatchObject({
        isActive: false,
        apiKeyHint: null,
      });
  });
});
