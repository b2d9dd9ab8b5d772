import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { eventually } from '../integration/support/eventually.js';
import { randomOfRun } from '../fakes/seeded-random.js';
import { describeWith } from '../services/with-services.js';
import { CrashLoad } from './support/crash.load.js';
import { expectLogged } from './support/expect-logged.js';
import { registerProvider } from './support/providers.js';
import { Replicas } from './support/replicas.js';
import type { RunningService } from './support/running-service.js';

const random = randomOfRun();
const REPLICAS = 3;
const KILLS = 3;
const USAGE = { prompt: 30, completion: 10 };
const ROOMY = 1_000_000;

const onServers = describeWith('PostgreSQL', 'redis-server');

onServers('replicas killed one after the other under load', () => {
  let upstream: FakeUpstream;
  let replicas: Replicas;
  let client: pg.Client;
  let dataDirs: string[];

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    replicas = await Replicas.start(0);
    dataDirs = await Promise.all(
      Array.from({ length: REPLICAS }, () => mkdtemp(join(tmpdir(), 'ai-providers-replica-'))),
    );
    for (const directory of dataDirs) replicas.all.push(await start(directory));
    client = new pg.Client({ connectionString: replicas.database.url });
    await client.connect();
  }, 180_000);

  afterAll(async () => {
    await client.end();
    await replicas.stop();
    await Promise.all([
      upstream.stop(),
      ...dataDirs.map((directory) => rm(directory, { recursive: true, force: true })),
    ]);
  });

  /** One that finds in its directory what it left there. */
  const start = (directory: string): Promise<RunningService> => replicas.startOne({ AI_DATA_DIR: directory });

  it('have lost no answered request, counted none twice, and hold no slot for long', async () => {
    upstream.default({ text: 'An answer', usage: USAGE });
    const provider = await registerProvider(replicas.at(0), upstream, {
      maxConcurrency: 12,
      rateLimit: { requestsPerMinute: ROOMY, tokensPerMinute: 1_000 * ROOMY },
      pricing: { inputTokenCost: 0.1, outputTokenCost: 0.2, currency: 'USD' },
    });
    await replicas.untilKnown(provider.id);
    const loads = replicas.all.map((_, index) => new CrashLoad({}, `replica-${index}`));
    const answered = (): Set<string> => new Set(loads.flatMap((load) => [...load.answered]));
    const run = (index: number): Promise<void> =>
      loads[index]?.untilGone(replicas.at(index).url) ?? Promise.resolve();
    const running = loads.map((_, index) => run(index));
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = answered().size;
      await eventually(60_000, () => answered().size >= before + 150);
      await sleep(random() * 300);
      const victim = Math.floor(random() * REPLICAS);
      await replicas.at(victim).stop('SIGKILL');
      await running[victim];
      replicas.all[victim] = await start(dataDirs[victim] ?? '');
      running[victim] = run(victim);
    }
    for (const load of loads) load.stop();
    await Promise.all(running);
    await expectLogged(client, answered(), USAGE);
    // Slots that died with their replica are free again: as many at once as before are served.
    const crowd = await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        replicas
          .at(index)
          .call('POST', '/ai-providers/complete', { prompt: 'Is there room?', providerId: provider.id }),
      ),
    );
    expect(crowd.map(({ status }) => status)).toEqual(Array(24).fill(200));
  }, 240_000);
});
