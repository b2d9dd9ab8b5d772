import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrate } from '../../src/infra/prisma/migrations.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { eventually } from '../integration/support/eventually.js';
import { createThrowawayDatabase, hasRealPostgres } from '../integration/support/real-postgres.js';
import { registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const KILLS = 4;
const CALLERS = 8;
const USAGE = { prompt: 30, completion: 10 };

/** Callers that ask, one request after another, until the process is gone. */
class Load {
  /** Ids of the requests whose callers have had a whole answer. */
  readonly answered = new Set<string>();
  private serial = 0;

  async run(url: string): Promise<void> {
    await Promise.all(Array.from({ length: CALLERS }, (_, index) => this.ask(url, index % 2 === 0)));
  }

  private async ask(url: string, stream: boolean): Promise<void> {
    for (;;) {
      const id = `crash-${++this.serial}`;
      try {
        const response = await fetch(`${url}/ai-providers/complete`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', 'x-request-id': id },
          body: JSON.stringify({ prompt: id, stream }),
        });
        const text = await response.text();
        if (response.status !== 200) throw new Error(`Unexpected ${response.status}: ${text}`);
        if (!stream || text.endsWith('data: [DONE]\n\n')) this.answered.add(id);
      } catch (error) {
        // What fetch throws when the process is gone; the tests' own TypeError is another one.
        if ((error as Error).name === 'TypeError') return;
        throw error;
      }
    }
  }
}

const onServer = (await hasRealPostgres()) ? describe : describe.skip;

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

  /** How often each answered request is in the log. */
  async function stored(): Promise<Map<string, number>> {
    const { rows } = await client.query<{ requestId: string; times: string }>(
      `SELECT "requestId", count(*) AS "times" FROM "AIRequest" WHERE "code" IS NULL GROUP BY "requestId"`,
    );
    return new Map(rows.map(({ requestId, times }) => [requestId, Number(times)]));
  }

  it('has lost no request that was answered, and counted none twice', async () => {
    upstream.default({ text: 'An answer', usage: USAGE });
    await registerProvider(service, upstream, {
      pricing: { inputTokenCost: 0.1, outputTokenCost: 0.2, currency: 'USD' },
    });
    const load = new Load();
    for (let kill = 0; kill < KILLS; kill += 1) {
      const callers = load.run(service.url);
      const before = load.answered.size;
      await eventually(30_000, () => load.answered.size >= before + 100);
      await sleep(Math.random() * 300);
      await service.stop('SIGKILL');
      await callers;
      service = await start();
    }

    await eventually(30_000, async () => {
      const known = await stored();
      return [...load.answered].every((id) => known.has(id));
    });
    expect([...(await stored())].filter(([, times]) => times > 1)).toEqual([]);
    // One statement sees one moment: requests that were never answered may still be coming in.
    const { rows } = await client.query<Record<'stored' | 'successful' | 'prompt' | 'input', number>>(
      `SELECT "grain", sum("successful")::int AS "successful", sum("promptTokens")::int AS "prompt",
              sum("inputCost")::float8 AS "input",
              (SELECT count(*) FROM "AIRequest" WHERE "code" IS NULL)::int AS "stored"
         FROM "AIUsage" GROUP BY "grain" ORDER BY "grain"`,
    );
    expect(rows).toHaveLength(3);
    for (const row of rows) {
      expect([row.successful, row.prompt]).toEqual([row.stored, row.stored * USAGE.prompt]);
      expect(row.input).toBeCloseTo((row.stored * USAGE.prompt) / 10_000, 9);
    }
  }, 120_000);
});
