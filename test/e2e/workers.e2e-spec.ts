import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { stall } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { createThrowawayDatabase } from '../integration/support/real-postgres.js';
import { randomOfRun } from '../fakes/seeded-random.js';
import { describeWith } from '../services/with-services.js';
import { CrashLoad } from './support/crash.load.js';
import { streamCompletion } from './support/event-stream.reader.js';
import { expectLogged } from './support/expect-logged.js';
import { deactivateAll, registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';
import { isRunning, workersOf } from './support/worker-processes.js';

const random = randomOfRun();
const WORKERS = 2;
const KILLS = 2;
const USAGE = { prompt: 30, completion: 10 };

const onServer = describeWith('PostgreSQL');

/** Nobody listens there: what is tested here holds without it. */
const REDIS_AWAY = 'redis://127.0.0.1:9';

/** A GET on a connection of its own, which any of the workers may accept. */
async function getAnew(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}

onServer('several workers on one port', () => {
  let upstream: FakeUpstream;
  let dataDir: string;
  let database: Awaited<ReturnType<typeof createThrowawayDatabase>>;
  let client: pg.Client;
  let service: RunningService;

  const start = (env: Record<string, string> = {}): Promise<RunningService> =>
    RunningService.start({
      WORKERS: String(WORKERS),
      REDIS_URL: REDIS_AWAY,
      DATABASE_URL: database.url,
      AI_DATA_DIR: dataDir,
      OPENAI_API_KEY: 'sk-env-0123456789',
      ...env,
    });

  beforeAll(async () => {
    [upstream, dataDir, database] = await Promise.all([
      FakeUpstream.start(),
      mkdtemp(join(tmpdir(), 'ai-providers-workers-')),
      createThrowawayDatabase(),
    ]);
    await migrate({ connectionString: database.url });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
  }, 30_000);

  beforeAll(async () => {
    service = await start();
    await deactivateAll(service);
    await registerProvider(service, upstream, {
      pricing: { inputTokenCost: 0.1, outputTokenCost: 0.2, currency: 'USD' },
    });
  }, 120_000);

  beforeEach(() => {
    upstream.clear();
    upstream.default({ text: 'An answer of several words', usage: USAGE });
  });

  afterAll(async () => {
    await service.stop('SIGKILL');
    await client.end();
    await Promise.all([upstream.stop(), database.drop(), rm(dataDir, { recursive: true, force: true })]);
  });

  const timesSaid = (text: string): number => service.output().split(text).length - 1;

  /** The value of a series, by as many workers as answer. */
  async function scraped(series: string): Promise<Set<number>> {
    const texts = await Promise.all(Array.from({ length: 12 }, () => getAnew(`${service.url}/metrics`)));
    return new Set(
      texts.map((text) =>
        Number(
          text
            .split('\n')
            .find((line) => line.startsWith(series))
            ?.split(' ')
            .at(-1),
        ),
      ),
    );
  }

  it('make once what is made once, and say where they listen when all do', async () => {
    expect(await workersOf(service.pid)).toHaveLength(WORKERS);
    const lines = service.output().split('\n');
    expect(lines.filter((line) => line.includes('Listening on'))).toEqual([
      expect.stringContaining(`"workers":${WORKERS}`),
    ]);
    expect(lines.filter((line) => line.includes('successfully started'))).toHaveLength(WORKERS);
    expect(lines.filter((line) => line.includes('Made an encryption key'))).toHaveLength(1);
    expect(lines.filter((line) => line.includes('Registered a default provider'))).toHaveLength(1);
  }, 150_000);

  it('are counted as one, whoever is asked', async () => {
    const ask = (): Promise<unknown> =>
      service.call('POST', '/ai-providers/complete', { prompt: 'Hi', timeout: 5_000 });
    await Promise.all(Array.from({ length: 30 }, ask));
    expect(await scraped('ai_providers_requests_total{code="ok"')).toEqual(new Set([30]));
    expect(await scraped('ai_providers_request_duration_seconds_count')).toEqual(new Set([30]));

    upstream.next(...Array.from({ length: 6 }, () => stall()));
    const before = upstream.calls.length;
    const pending = Promise.all(Array.from({ length: 6 }, ask));
    await upstream.arrival(before + 6);
    expect(await scraped('ai_providers_requests_in_flight')).toEqual(new Set([6]));
    const reports = await Promise.all(
      Array.from({ length: 6 }, () => getAnew(`${service.url}/ai-providers/statistics/requests`)),
    );
    for (const report of reports) expect(JSON.parse(report)).toMatchObject({ inFlight: 6, queued: 0 });
    await pending;
    expect(await scraped('ai_providers_requests_in_flight')).toEqual(new Set([0]));
  }, 60_000);

  it('are not told to stop by a signal that goes to all of the group', async () => {
    for (const pid of await workersOf(service.pid)) process.kill(pid, 'SIGTERM');
    // Each worker accepts some of so many connections, and answers them after the signal has reached it.
    for (let call = 0; call < 10 * WORKERS; call += 1)
      expect(JSON.parse(await getAnew(`${service.url}/health/ready`))).toMatchObject({ status: 'up' });
    expect((await service.call('POST', '/ai-providers/complete', { prompt: 'Hi' })).status).toBe(200);
    expect(service.output()).not.toContain('A worker ended');
  }, 150_000);

  it('are replaced when they are killed under load: no answered request is lost or counted twice', async () => {
    const load = new CrashLoad();
    const running = load.untilStopped(service.url);
    const requests = async (): Promise<number> =>
      Math.max(...(await scraped('ai_providers_requests_total{code="ok"')));
    for (let kill = 0; kill < KILLS; kill += 1) {
      const before = load.answered.size;
      await eventually(30_000, () => load.answered.size >= before + 60);
      await sleep(random() * 200);
      const counted = await requests();
      const [victim = 0, ...others] = await workersOf(service.pid);
      process.kill(victim, 'SIGKILL');
      await eventually(30_000, () => !isRunning(victim));
      expect(await requests()).toBeGreaterThanOrEqual(counted);
      // A start takes a second or two; where the tests share the machine, many times that.
      await eventually(90_000, async () => {
        const started = (await workersOf(service.pid)).filter((pid) => !others.includes(pid));
        return started.length === 1 && timesSaid('successfully started') === WORKERS + kill + 1;
      });
    }
    load.stop();
    await running;
    await expectLogged(client, load.answered, USAGE);
    expect(load.broken).toBeGreaterThan(0);
    expect(timesSaid('A worker ended and is replaced')).toBe(KILLS);
    expect(timesSaid('Listening on')).toBe(1);
  }, 180_000);

  it('end what is in flight when the service is stopped, and then nobody is left', async () => {
    upstream.default({ answer: { text: 'one two three four', chunks: 8 }, eventDelayMs: 100 });
    const pids = await workersOf(service.pid);
    let begun = 0;
    const streams = Array.from({ length: 6 }, async () => {
      let isFirst = true;
      return streamCompletion(service.url, { prompt: 'Hi' }, () => {
        begun += Number(isFirst);
        isFirst = false;
      });
    });
    await eventually(10_000, () => begun === streams.length);
    const stopped = service.stop('SIGTERM');
    for (const answer of await Promise.all(streams))
      expect(answer).toMatchObject({ content: 'one two three four', done: true });
    expect(await stopped).toBe(0);
    expect(pids.filter(isRunning)).toEqual([]);
  }, 240_000);

  it('end at once on a second signal', async () => {
    service = await start();
    upstream.default(stall());
    const pids = await workersOf(service.pid);
    const asked = service.call('POST', '/ai-providers/complete', { prompt: 'Hi' });
    asked.catch(() => undefined);
    await upstream.arrival(1);
    process.kill(service.pid, 'SIGTERM');
    await eventually(5_000, () => service.output().includes('Stopping on SIGTERM'));
    expect(await service.stop('SIGTERM')).toBe(1);
    await expect(asked).rejects.toThrow();
    await eventually(5_000, () => !pids.some(isRunning));
  }, 150_000);

  it('are given up when they end at their start again and again and none is left', async () => {
    const mark = join(dataDir, 'no-more-workers');
    const preload = `import { existsSync } from 'node:fs';
      if (process.send && existsSync(${JSON.stringify(mark)})) process.exit(7);`;
    service = await start({
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(preload)}`,
    });
    await writeFile(mark, '');
    const ended = service.ended();
    for (const pid of await workersOf(service.pid)) process.kill(pid, 'SIGKILL');
    expect(await ended).toBe(1);
    expect(service.output().trim().split('\n').at(-1)).toBe(
      'Workers end soon after their start, again and again, the last one with code 7',
    );
  }, 150_000);
});
