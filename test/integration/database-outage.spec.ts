import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
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

async function timed(work: Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

onServer('an outage of the PostgreSQL server', () => {
  let database: ThrowawayDatabase;
  let link: UnreliableLink;
  let prisma: PrismaService;
  let repository: AIProviderRepository;

  beforeAll(async () => {
    database = await createThrowawayDatabase();
    await migrate({ connectionString: database.url });
    link = await UnreliableLink.open(database.url);
    prisma = new PrismaService({ databaseUrl: link.url, dataDir: '' }, new RecordingLogger());
    await prisma.connect();
    repository = new AIProviderRepository(prisma);
  });

  afterEach(() => link.restore());

  afterAll(async () => {
    await prisma.close();
    await link.close();
    await database.drop();
  });

  it.each(['cut', 'hang'] as const)(
    'is told within 2 s by every method, and ends by itself (%s)',
    async (how) => {
      await eventually(5_000, () => prisma.isUp());
      link[how]();
      const unavailable = { code: 'DATABASE_UNAVAILABLE', statusCode: 503 };
      const calls = [
        repository.findAll(),
        repository.findById('x'),
        repository.create(providerRow()),
        repository.createFromOrigin({ ...providerRow(), origin: 'x' }),
        repository.update({ id: 'x', revision: 1n }, { name: 'x' }),
        repository.remove({ id: 'x', revision: 1n }),
        repository.hasHistory('x'),
      ];
      const told = Promise.all(calls.map((call) => expect(call).rejects.toMatchObject(unavailable)));
      expect(await timed(told)).toBeLessThan(2_500);
      expect(await timed(expect(prisma.isUp()).resolves.toBe(false))).toBeLessThan(2_500);
      link.restore();
      await eventually(5_000, () => prisma.isUp());
      expect(await repository.findById('x')).toBeNull();
    },
  );

  /** A transaction of these statements, and of what `meanwhile` does before the last. */
  const ways: [string, (statements: string[], meanwhile: () => void) => Promise<unknown>][] = [
    [
      'by Prisma',
      ([first = '', last = ''], meanwhile) =>
        prisma.client.$transaction(async (transaction) => {
          await transaction.$executeRawUnsafe(first);
          meanwhile();
          await transaction.$executeRawUnsafe(last);
        }),
    ],
    [
      'past Prisma',
      ([first = '', last = ''], meanwhile) =>
        prisma.transaction(2_000, async (transaction) => {
          await transaction.query(first);
          meanwhile();
          await transaction.query(last);
        }),
    ],
  ];

  it.each(ways)(
    'never commits half of a transaction %s, whatever its connection does when it is back',
    async (_way, transact) => {
      await eventually(5_000, () => prisma.isUp());
      await prisma.client.$executeRawUnsafe('CREATE TABLE IF NOT EXISTS "Halves" ("half" int)');
      const insert = (half: number): string => `INSERT INTO "Halves" VALUES (${half})`;
      await expect(transact([insert(1), 'SELECT 1'], () => link.hang())).rejects.toThrow();
      // The ROLLBACK, too, was given up by now, and what the link held comes through after all.
      link.thaw();
      await eventually(5_000, () => prisma.isUp());
      await expect(transact([insert(2), 'SELECT 1 / 0'], () => undefined)).rejects.toThrow();
      await expect(transact([insert(3), 'SELECT 1'], () => link.cut())).rejects.toThrow();
      link.restore();
      await eventually(5_000, () => prisma.isUp());
      const wholePool = Array.from({ length: 10 }, () => transact(['SELECT 1', 'SELECT 1'], () => undefined));
      await Promise.all(wholePool);
      expect(await prisma.client.$queryRawUnsafe('SELECT "half" FROM "Halves"')).toEqual([]);
      await transact([insert(4), 'SELECT 1'], () => undefined);
      expect(await prisma.client.$queryRawUnsafe('DELETE FROM "Halves" RETURNING "half"')).toEqual([
        { half: 4 },
      ]);
    },
  );

  it('does not take a transaction for kept of which a statement failed unsaid', async () => {
    await eventually(5_000, () => prisma.isUp());
    const silent = prisma.transaction(2_000, (transaction) =>
      transaction.query('SELECT 1 / 0').catch(() => 'no matter'),
    );
    await expect(silent).rejects.toThrow('A statement of the transaction had failed');
  });
});
