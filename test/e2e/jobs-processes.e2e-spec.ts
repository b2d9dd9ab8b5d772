import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { stall } from '../fakes/upstream/upstream-script.js';
import { eventually } from '../integration/support/eventually.js';
import { OwnRedis } from '../integration/support/own-redis.js';
import { createThrowawayDatabase } from '../integration/support/real-postgres.js';
import { describeWith } from '../services/with-services.js';
import { cancel, lookUp, queued, untilStatus } from './support/jobs.js';
import { registerProvider } from './support/providers.js';
import { collect, exitCode, RunningService, spawnService } from './support/running-service.js';

/** A process that works on jobs and listens nowhere. */
class JobWorker {
  private constructor(
    private readonly child: ChildProcess,
    readonly output: () => string,
  ) {}

  static async start(env: Record<string, string>): Promise<JobWorker> {
    const child = spawnService(env, 'dist/worker.js');
    const worker = new JobWorker(child, collect(child));
    await eventually(60_000, () => {
      if (child.exitCode !== null) throw new Error(`The worker ended:\n${worker.output()}`);
      return worker.output().includes('Working on jobs');
    });
    return worker;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.child.signalCode !== null) return null;
    const ended = exitCode(this.child);
    this.child.kill(signal);
    return ended;
  }
}

it('a worker without Redis says what it needs', async () => {
  const child = spawnService({}, 'dist/worker.js');
  const printed = collect(child);
  expect(await exitCode(child)).toBe(1);
  expect(printed().trim()).toMatch(/^.*REDIS_URL.*$/);
}, 60_000);

const onServers = describeWith('PostgreSQL', 'redis-server');

onServers('jobs of a service that leaves the work to other processes', () => {
  let redis: OwnRedis;
  let upstream: FakeUpstream;
  let database: Awaited<ReturnType<typeof createThrowawayDatabase>>;
  let directory: string;
  let service: RunningService;
  let workers: JobWorker[];

  const env = (name: string): Record<string, string> => ({
    REDIS_URL: redis.url,
    DATABASE_URL: database.url,
    AI_DATA_DIR: join(directory, name),
    AI_ENCRYPTION_KEY: 'k'.repeat(32),
    AI_ENCRYPTION_IV: 'i'.repeat(16),
    AI_CACHE_TTL_SECONDS: '0',
    AI_JOBS_WORKER: 'false',
  });
  const startWorker = async (name: string, more: Record<string, string> = {}): Promise<JobWorker> => {
    const worker = await JobWorker.start({ ...env(name), ...more });
    workers.push(worker);
    return worker;
  };

  beforeAll(async () => {
    [redis, upstream, database, directory] = await Promise.all([
      OwnRedis.start(),
      FakeUpstream.start(),
      createThrowawayDatabase(),
      mkdtemp(join(tmpdir(), 'ai-providers-jobs-')),
    ]);
    await migrate({ connectionString: database.url });
    service = await RunningService.start(env('web'));
    await registerProvider(service, upstream, { retryAttempts: 1 });
  }, 120_000);

  afterAll(async () => {
    await service?.stop();
    await Promise.all([redis.stop(), upstream.stop(), database.drop()]);
    await rm(directory, { recursive: true, force: true });
  }, 60_000);

  beforeEach(() => {
    workers = [];
  });

  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop('SIGKILL')));
    upstream.clear();
  });

  it('wait for one, are worked on there, and are aborted there when they are cancelled here', async () => {
    upstream.next({ text: 'Done elsewhere' }, stall());
    const id = await queued(service, { prompt: 'Where?' });
    expect((await lookUp(service, id)).body.status).toBe('queued');
    await startWorker('one');
    expect(await untilStatus(service, id, 'completed')).toMatchObject({
      result: { content: 'Done elsewhere' },
    });

    const long = await queued(service, { prompt: 'Long' });
    const call = await upstream.arrival(2);
    await cancel(service, long);
    await call.whenAborted();
    expect((await lookUp(service, long)).body.status).toBe('cancelled');
  }, 120_000);

  it('are completed by another process when theirs is killed', async () => {
    upstream.next(stall()).default({ text: 'By the survivor' });
    const victim = await startWorker('victim');
    const id = await queued(service, { prompt: 'Survive' });
    await upstream.arrival(1);
    expect((await lookUp(service, id)).body.status).toBe('active');
    await victim.stop('SIGKILL');
    await startWorker('survivor');
    const job = await untilStatus(service, id, 'completed', 60_000);
    expect(job).toMatchObject({ attempts: 2, result: { content: 'By the survivor' } });
    expect(upstream.calls).toHaveLength(2);
  }, 180_000);

  it('that end two processes are failed, told as such, and taken by no third', async () => {
    upstream.default(stall());
    const id = await queued(service, { prompt: 'Deadly' });
    for (const victim of ['first', 'second']) {
      const worker = await startWorker(victim);
      await upstream.arrival(victim === 'first' ? 1 : 2);
      await worker.stop('SIGKILL');
    }
    await startWorker('third');
    const job = await untilStatus(service, id, 'failed', 60_000);
    expect(job.error).toMatchObject({ code: 'INTERNAL' });
    expect(job.error?.message).toMatch(/two processes/i);
    expect(upstream.calls).toHaveLength(2);
  }, 240_000);

  it('end when their process is stopped, and go back to the queue where that takes too long', async () => {
    upstream.next({ answer: { text: 'Just in time' }, delayMs: 1_500 });
    const patient = await startWorker('patient');
    const short = await queued(service, { prompt: 'Short' });
    await upstream.arrival(1);
    expect(await patient.stop()).toBe(0);
    expect((await lookUp(service, short)).body).toMatchObject({ status: 'completed', attempts: 1 });

    upstream.next(stall()).default({ text: 'In the end' });
    const hasty = await startWorker('hasty', { AI_SHUTDOWN_TIMEOUT_MS: '200' });
    const long = await queued(service, { prompt: 'Long', priority: 'high' });
    const call = await upstream.arrival(2);
    expect(await hasty.stop()).toBe(0);
    expect(call.aborted).toBe(true);
    expect((await lookUp(service, long)).body.status).toBe('queued');
    await startWorker('next');
    // At once, not when the lock of the one that stopped has run out.
    expect(await untilStatus(service, long, 'completed', 10_000)).toMatchObject({
      result: { content: 'In the end' },
    });
  }, 240_000);
});
