import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import type { AIProviderView } from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { eventually } from '../integration/support/eventually.js';
import { createThrowawayDatabase } from '../integration/support/real-postgres.js';
import { UnreliableLink } from '../integration/support/unreliable-link.js';
import { describeWith } from '../services/with-services.js';
import { CrashLoad } from './support/crash.load.js';
import { expectLogged } from './support/expect-logged.js';
import { registerProvider } from './support/providers.js';
import { RunningService, type Answer } from './support/running-service.js';

const KEY = 'admin-secret-0001';
const USAGE = { prompt: 30, completion: 10 };

/** The contract's 2 s for the database, and what a busy machine adds. */
const BOUND_MS = 3_000;

const LOST = ['The database is away', 'Lost sight of changes'];
const BACK = ['The request log is written to the database again', 'Following changes in the database again'];

const onServer = describeWith('PostgreSQL');

onServer('with the database away, under load', () => {
  let upstream: FakeUpstream;
  let database: Awaited<ReturnType<typeof createThrowawayDatabase>>;
  let link: UnreliableLink;
  let client: pg.Client;
  let service: RunningService;
  let provider: AIProviderView;
  let load: CrashLoad;
  let running: Promise<void>;

  beforeAll(async () => {
    [upstream, database] = await Promise.all([FakeUpstream.start(), createThrowawayDatabase()]);
    await migrate({ connectionString: database.url });
    client = new pg.Client({ connectionString: database.url });
    await client.connect();
    upstream.default({ text: 'An answer', usage: USAGE });
  }, 30_000);

  beforeEach(async () => {
    await client.query(`TRUNCATE "AIProvider", "AIRequest", "AIUsage", "AIFailure" CASCADE`);
    link = await UnreliableLink.open(database.url);
    service = await RunningService.start({ DATABASE_URL: link.url, AI_API_KEYS: `ops:admin:${KEY}` });
    service.headers['x-api-key'] = KEY;
    provider = await registerProvider(service, upstream, {
      pricing: { inputTokenCost: 0.1, outputTokenCost: 0.2, currency: 'USD' },
    });
    load = new CrashLoad(service.headers);
    running = load.untilStopped(service.url);
  }, 90_000);

  afterEach(async () => {
    load.stop();
    await running;
    await service.stop();
    await link.close();
  }, 60_000);

  afterAll(async () => {
    await client.end();
    await Promise.all([upstream.stop(), database.drop()]);
  });

  /** Waits until so many more requests have been answered: none may fail, which the load would throw. */
  async function answerMore(count: number): Promise<void> {
    const before = load.answered.size;
    await eventually(30_000, () => load.answered.size >= before + count);
  }

  async function timed(
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer & { path: string; ms: number }> {
    const start = performance.now();
    const answer = await service.call(method, path, body);
    return { ...answer, path, ms: performance.now() - start };
  }

  /** How often the service has said each text. */
  const said = (texts: readonly string[]): number[] =>
    texts.map((text) => service.output().split(text).length - 1);

  const statistics = async (): Promise<number> =>
    (await service.call('GET', '/ai-providers/statistics/usage')).status;

  it.each(['cut', 'hang'] as const)(
    'completions go on, what needs it answers 503 in time, and all is well once it is back (%s)',
    async (how) => {
      await answerMore(20);
      link[how]();
      await answerMore(50);
      await eventually(20_000, () => said(LOST).every((times) => times > 0));
      const path = `/ai-providers/${provider.id}`;
      const unknown = '/ai-providers/00000000-0000-4000-8000-000000000000';
      const refused = await Promise.all([
        timed('POST', '/ai-providers', { name: 'x', type: 'OPENAI', model: 'm', apiKey: 'sk-test-123456' }),
        timed('PUT', path, { priority: 3 }),
        timed('PUT', unknown, { priority: 3 }),
        timed('DELETE', path),
        timed('GET', '/ai-providers/metrics'),
        ...['usage', 'cost', 'performance', 'requests'].map((name) =>
          timed('GET', `/ai-providers/statistics/${name}`),
        ),
      ]);
      expect(refused.map(({ status, body }) => [status, body['code']])).toEqual(
        refused.map(() => [503, 'DATABASE_UNAVAILABLE']),
      );
      expect(
        refused.map(({ path, ms }) => [path, Math.round(ms)]).filter(([, ms]) => Number(ms) > BOUND_MS),
      ).toEqual([]);
      for (const open of ['/ai-providers', path, '/health/live', '/health/ready', '/metrics'])
        expect((await timed('GET', open)).status).toBe(200);
      await answerMore(50);
      link.restore();
      await eventually(20_000, async () => (await statistics()) === 200);
      expect((await service.call('PUT', path, { priority: 7 })).body).toMatchObject({ priority: 7 });
      await answerMore(20);
      await eventually(20_000, () => said(BACK).every((times) => times > 0));
      load.stop();
      await running;
      await expectLogged(client, load.answered, USAGE);
      expect(load.broken).toBe(0);
      expect(said([...LOST, ...BACK])).toEqual([1, 1, 1, 1]);
      expect(troubles(service.output())).toHaveLength(LOST.length);
    },
    120_000,
  );

  it('goes on where it stood still for a while, with the same connections', async () => {
    await answerMore(20);
    link.hang();
    await sleep(5_000);
    link.thaw();
    await eventually(20_000, async () => (await statistics()) === 200);
    load.stop();
    await running;
    await expectLogged(client, load.answered, USAGE);
    expect(said(LOST).every((times) => times <= 1)).toBe(true);
  }, 90_000);

  it('recovers from a database that comes and goes, and says it once a change at most', async () => {
    const FLAPS = 6;
    for (let flap = 0; flap < FLAPS; flap += 1) {
      link.cut();
      await sleep(400);
      link.restore();
      await sleep(400);
    }
    await eventually(20_000, async () => (await statistics()) === 200);
    load.stop();
    await running;
    await expectLogged(client, load.answered, USAGE);
    expect(load.broken).toBe(0);
    expect(troubles(service.output()).length).toBeLessThanOrEqual(FLAPS * LOST.length);
  }, 90_000);
});

/** Warnings and errors, but for those about a single request. */
function troubles(output: string): string[] {
  return output
    .split('\n')
    .filter((line) => /"level":"(warn|error|fatal)"/.test(line))
    .filter((line) => !/Made an encryption key|Request not answered/.test(line));
}
