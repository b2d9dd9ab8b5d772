import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { eventually } from '../integration/support/eventually.js';
import { createThrowawayDatabase } from '../integration/support/real-postgres.js';
import { randomOfRun } from '../fakes/seeded-random.js';
import { describeWith } from '../services/with-services.js';
import { CrashLoad } from './support/crash.load.js';
import { expectLogged } from './support/expect-logged.js';
import { registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const random = randomOfRun();
const KILLS = 4;
const USAGE = { prompt: 30, completion: 10 };

const onServer = describeWith('PostgreSQL');

onServer('a process killed again and again under load', () => {
  let upstream: FakeUpstream;
  let dataDir: string;
  let database: Awaited<ReturnType<typeof createThrowawayDatabase>>;
  let client: pg.Client;
  let service: RunningService;

  const start = (): Promise<RunningService> =>
    RunningService.start({
      DATABASE_URL: database.url,
      AI_DATA_DIR: dataDir,
      AI_ENCRYPTION_KEY: 'k'.repeat(32),
      AI_ENCRYPTION_IV: 'i'.repeat(16),
    });

  beforeAll(async () => {
    [upstream, dataDir, database] = await Promise.all([
      FakeUpstream.start(),
      mkdtemp(join(tmpdir(), 'ai-providers-crash-')),
      createThrowawayDatabase(),
    ]);
    await migrate({ connectionString: database.url });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    service = await start();
  }, 60_000);

  afterAll(async () => {
    await service.stop();
    await client.end();
    await Promise.all([upstream.stop(), database.drop(), rm(dataDir, { recursive: true, force: true })]);
  });

  it('has lost no request that was answered, and counted none twice', async () => {
    upstream.default({ text: 'An answer', usage: USAGE });
    await registerProvider(service, upstream, {
      pricing: { inputTokenCost: 0.1, outputTokenCost: 0.2, currency: 'USD' },
    });
    const load = new CrashLoad();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const callers = load.untilGone(service.url);
      const before = load.answered.size;
      await eventually(30_000, () => load.answered.size >= before + 100);
      await sleep(random() * 300);
      await service.stop('SIGKILL');
      await callers;
      service = await start();
    }

    await expectLogged(client, load.answered, USAGE);
  }, 120_000);
});
