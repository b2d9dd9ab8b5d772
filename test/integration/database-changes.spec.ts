import { afterEach, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import { PrismaService } from '../../src/infra/prisma/prisma.service.js';
import { AIProviderRepository } from '../../src/modules/ai-providers/registry/ai-provider.repository.js';
import { describeWith } from '../services/with-services.js';
import { eventually } from './support/eventually.js';
import { providerRow } from './support/provider-row.fixture.js';
import { createThrowawayDatabase } from './support/real-postgres.js';
import type { ThrowawayDatabase } from './support/real-postgres.js';
import { RecordingLogger } from './support/recording-logger.js';
import { UnreliableLink } from './support/unreliable-link.js';

const onServer = describeWith('PostgreSQL');

onServer('following changes made by others', () => {
  let database: ThrowawayDatabase;
  let link: UnreliableLink;
  let prisma: PrismaService;
  let repository: AIProviderRepository;
  let other: pg.Client;
  let logger: RecordingLogger;
  let calls: number;

  beforeEach(async () => {
    database = await createThrowawayDatabase();
    await migrate({ connectionString: database.url });
    link = await UnreliableLink.open(database.url);
    logger = new RecordingLogger();
    prisma = new PrismaService({ databaseUrl: link.url, dataDir: '' }, logger);
    await prisma.connect();
    repository = new AIProviderRepository(prisma);
    await repository.create(providerRow({ id: 'one' }));
    other = new pg.Client({ connectionString: database.url });
    await other.connect();
    calls = 0;
    repository.watch(() => {
      calls += 1;
    });
    await eventually(2_000, () => calls === 1);
  });

  afterEach(async () => {
    await prisma.close();
    await other.end();
    await link.close();
    await database.drop();
  });

  /** Makes a change and gives the milliseconds until it was told. */
  async function told(make: () => Promise<unknown>): Promise<number> {
    const before = calls;
    const start = performance.now();
    await make();
    await eventually(6_000, () => calls > before);
    return performance.now() - start;
  }

  /** As `told`, for a change made on another connection. */
  const change = (sql: string): Promise<number> => told(() => other.query(sql));

  it('tells of updates and of removals made by hand at once', async () => {
    const [updates, removals]: [number[], number[]] = [[], []];
    for (const priority of [1, 2, 3]) {
      updates.push(await change(`UPDATE "AIProvider" SET "priority" = ${priority}`));
      removals.push(await change(`DELETE FROM "AIProvider"`));
      await told(() => repository.create(providerRow({ id: 'one' })));
    }
    // Whoever only looks every half second takes nearly that long each time, as the change comes right after a look;
    // on a busy machine a single one may take as long for other reasons.
    expect([Math.min(...updates) < 300, Math.min(...removals) < 300]).toEqual([true, true]);
  });

  it('tells of a change within a second where no notification ever comes', async () => {
    await other.query(`ALTER TABLE "AIProvider" DISABLE TRIGGER "AIProvider_notify"`);
    expect(await change(`UPDATE "AIProvider" SET "priority" = 1`)).toBeLessThan(1_000);
    expect(await change(`UPDATE "AIProvider" SET "priority" = 2`)).toBeLessThan(1_000);
  });

  it('tells of a change that committed after one with a later revision', async () => {
    await other.query(`ALTER TABLE "AIProvider" DISABLE TRIGGER "AIProvider_notify"`);
    await repository.create(providerRow({ id: 'two' }));
    await eventually(2_000, () => calls === 2);
    const slow = new pg.Client({ connectionString: database.url });
    await slow.connect();
    await slow.query('BEGIN');
    await slow.query(`UPDATE "AIProvider" SET "priority" = 7 WHERE "id" = 'one'`);
    await change(`UPDATE "AIProvider" SET "priority" = 8 WHERE "id" = 'two'`);
    const before = calls;
    await slow.query('COMMIT');
    await eventually(1_500, () => calls > before);
    await slow.end();
  });

  it('tells of what changed while it was cut off, and logs one line for the loss and one for the return', async () => {
    link.cut();
    const before = calls;
    await other.query(`UPDATE "AIProvider" SET "priority" = 1`);
    await eventually(2_000, () => logger.lines.length === 1);
    link.restore();
    await eventually(2_000, () => calls > before);
    await eventually(2_000, () => logger.lines.length === 2);
    expect(logger.lines).toEqual([
      'warn Lost sight of changes in the database',
      'info Following changes in the database again',
    ]);
  });
});
