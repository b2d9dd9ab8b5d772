import { afterEach, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { migrate, readMigrations } from '../../src/infra/prisma/migrations/migrations.js';
import { PrismaService } from '../../src/infra/prisma/prisma.service.js';
import { systemClock } from '../../src/infra/time/system-clock.js';
import { StatisticsRepository } from '../../src/modules/ai-providers/statistics/statistics.repository.js';
import { describeWith } from '../services/with-services.js';
import { createThrowawayDatabase } from './support/real-postgres.js';
import type { ThrowawayDatabase } from './support/real-postgres.js';
import { RecordingLogger } from './support/recording-logger.js';

const onServer = describeWith('PostgreSQL');

function service(databaseUrl: string): PrismaService {
  return new PrismaService({ databaseUrl, dataDir: '' }, new RecordingLogger());
}

onServer('migrating a PostgreSQL server', () => {
  let database: ThrowawayDatabase;

  beforeEach(async () => {
    database = await createThrowawayDatabase();
  });

  afterEach(() => database.drop());

  async function query(text: string): Promise<pg.QueryResult<Record<string, string>>> {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  it('applies every migration once', async () => {
    const names = (await readMigrations()).migrationDirectories.map(({ path }) => path);
    expect(await migrate({ connectionString: database.url })).toEqual(names);
    expect(await migrate({ connectionString: database.url })).toEqual([]);
  });

  it('applies every migration once when two processes begin together', async () => {
    const both = await Promise.all([
      migrate({ connectionString: database.url }),
      migrate({ connectionString: database.url }),
    ]);
    expect(both.flat()).toEqual((await readMigrations()).migrationDirectories.map(({ path }) => path));
  });

  it('takes tables of others for no obstacle, and leaves them alone', async () => {
    await query('CREATE TABLE "Invoice" (id int); INSERT INTO "Invoice" VALUES (7)');
    expect(await migrate({ connectionString: database.url })).not.toEqual([]);
    expect((await query('SELECT id FROM "Invoice"')).rows).toEqual([{ id: 7 }]);
  });

  it('keeps to the schema of the URL', async () => {
    const url = new URL(database.url);
    url.searchParams.set('schema', 'Ai-Providers');
    const connection = { connectionString: url.href };
    const applied = await Promise.all([migrate(connection), migrate(connection)]);
    expect(applied.map(({ length }) => length > 0).sort()).toEqual([false, true]);
    expect((await query(`SELECT to_regclass('public."AIProvider"') AS there`)).rows).toEqual([
      { there: null },
    ]);
    const place = service(url.href);
    await place.connect();
    expect(await place.client.aIProvider.count()).toBe(0);
    expect(
      await place.transaction(2_000, (transaction) => transaction.query('TABLE "AIUsage"')),
    ).toMatchObject({
      rowCount: 0,
    });
    await place.close();
  });

  it('refuses to serve from a database that is behind, and names the command that helps', async () => {
    await expect(service(database.url).connect()).rejects.toThrow(
      /lacks migrations \(\d+_init(, \d+_\w+)*\); run: npm run prisma:migrate/,
    );
    await migrate({ connectionString: database.url });
    const migrated = service(database.url);
    await migrated.connect();
    expect(await migrated.isUp()).toBe(true);
    await migrated.close();
  });

  it('keeps the counts by class that were lists before', async () => {
    const all = await readMigrations();
    const place = all.migrationDirectories.findIndex(({ path }) => path.endsWith('_packed_counts'));
    const before = { ...all, migrationDirectories: all.migrationDirectories.slice(0, place) };
    await migrate({ connectionString: database.url }, before);
    await query(`INSERT INTO "AIUsage" VALUES (60, now(), 'p', 'm', 'USD', 'P', 7, 3, '{1,0,2}', 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                               0, 0, 0, 0, '{0,4,6,0}', 0, 0, now())`);
    await migrate({ connectionString: database.url });
    const { rows } = await query('SELECT "failures", "latencies" FROM "AIUsage"');
    expect(rows).toEqual([{ failures: [1, 0, 2], latencies: [0, 4, 6] }]);
  });

  it('keeps the statistics whose counts by class were packed into one number before', async () => {
    const all = await readMigrations();
    const place = all.migrationDirectories.findIndex(({ path }) => path.endsWith('_usage_dimensions'));
    const before = { ...all, migrationDirectories: all.migrationDirectories.slice(0, place) };
    await migrate({ connectionString: database.url }, before);
    await query(`
      INSERT INTO "AIUsage" ("grain", "span", "providerId", "model", "currency", "providerName", "successful", "failed",
        "failures", "retried", "fallbacks", "streamed", "recovered", "cached", "promptTokens", "completionTokens",
        "cachedPromptTokens", "reasoningTokens", "unknownUsage", "inputCost", "outputCost", "latencySum", "latencies",
        "firstTokenSum", "firstTokenCount", "firstUsedAt", "lastUsedAt")
      SELECT 1440, "day"::timestamptz, 'p', 'm', 'USD', 'P', 7, 3, "failures", 1, 2, 3, 4, 5, 600, 70, 8, 9, 1, 0.25, 1e-20,
             1234.5, "latencies", 25, 2, "day"::timestamptz, "day"::timestamptz
        FROM (VALUES ('2026-03-01Z', 2000000000000000000000001, 6000000000004000000000000), ('2026-03-02Z', 0, 5),
                     ('2026-03-03Z', 0, 999999999999 * 10::decimal ^ 804)) AS "stored"("day", "failures", "latencies")`);
    await migrate({ connectionString: database.url });
    const migrated = service(database.url);
    await migrated.connect();
    const [from, to] = [new Date('2026-01-01Z'), new Date('2026-03-03Z')];
    const statistics = new StatisticsRepository(migrated, systemClock);
    const read = await statistics.read({ from, to, step: 'total', timezone: 'UTC' });
    expect(read).toMatchObject([
      {
        ...{ providerId: 'p', model: 'm', operation: 'chat', currency: 'USD', providerName: 'P' },
        ...{ successful: 14, failed: 6, retried: 2, fallbacks: 4, streamed: 6, recovered: 8, cached: 10 },
        ...{ promptTokens: 1200, completionTokens: 140, cachedPromptTokens: 16, reasoningTokens: 18 },
        ...{ unknownUsage: 2, inputCost: '0.5', outputCost: '0.00000000000000000002', latencySum: 2469 },
        failedByOutcome: { connection: 1, malformed: 2 },
        ...{ firstTokenSum: 50, firstTokenCount: 4, firstUsedAt: new Date('2026-03-01Z') },
      },
    ]);
    expect(read[0]?.latencies.slice(0, 4)).toEqual([5, 4, 6, 0]);
    expect(await statistics.read({ from, to, step: 'total', timezone: 'UTC', caller: 'ann' })).toEqual([]);
    const full = await statistics.read({
      from: to,
      to: new Date('2026-03-04Z'),
      step: 'day',
      timezone: 'UTC',
    });
    expect(full[0]?.latencies.at(-1)).toBe(2 ** 31 - 1);
    await migrated.close();
  });

  it('counts by code the failures that were logged before', async () => {
    const all = await readMigrations();
    const place = all.migrationDirectories.findIndex(({ path }) => path.endsWith('_failures_by_code'));
    const before = { ...all, migrationDirectories: all.migrationDirectories.slice(0, place) };
    await migrate({ connectionString: database.url }, before);
    await query(`INSERT INTO "AIRequest"
      SELECT gen_random_uuid(), 'r', NULL, "code", false, false, false, 1, "attempts"::jsonb, NULL,
             '2026-11-22T23:59:59Z', '2026-11-22T23:59:59.999Z'
        FROM (VALUES ('OVERLOADED', '[]'), ('ALL_PROVIDERS_FAILED', '[{"providerId":"one"},{"providerId":"two"}]'),
                     ('CLIENT_CLOSED_REQUEST', '[]'), (NULL, '[{"providerId":"one"}]')) AS "logged"("code", "attempts")`);
    await migrate({ connectionString: database.url });
    const { rows } = await query(`
      SELECT concat_ws(' ', "code", "providerId", "grain", to_char("span" AT TIME ZONE 'UTC', 'HH24:MI'), "count") AS "row"
        FROM "AIFailure" ORDER BY "code", "grain"`);
    expect(rows.map(({ row }) => row)).toEqual([
      'ALL_PROVIDERS_FAILED two 1 23:59 1',
      'ALL_PROVIDERS_FAILED two 60 23:00 1',
      'ALL_PROVIDERS_FAILED two 1440 00:00 1',
      'OVERLOADED  1 23:59 1',
      'OVERLOADED  60 23:00 1',
      'OVERLOADED  1440 00:00 1',
    ]);
  });

  it('undoes a migration that fails, says which in one line, and does not serve until it is repaired', async () => {
    const good = await readMigrations();
    const broken = {
      path: '29990101000000_broken',
      migrationFile: {
        path: 'migration.sql',
        content: { tag: 'ok' as const, value: 'CREATE TABLE half (a int); SELECT * FROM nowhere;' },
      },
    };
    const list = { ...good, migrationDirectories: [...good.migrationDirectories, broken] };
    await expect(migrate({ connectionString: database.url }, list)).rejects.toThrow(
      'Migrating failed: 29990101000000_broken: No such table: nowhere',
    );
    await expect(migrate({ connectionString: database.url }, list)).rejects.toThrow(
      /^Migrating failed: .*29990101000000_broken.*failed/,
    );
    expect((await query(`SELECT to_regclass('half') AS half`)).rows).toEqual([{ half: null }]);
    await expect(service(database.url).connect()).rejects.toThrow(
      /migration that failed \(29990101000000_broken\)/,
    );
  });

  it('stores the moment it means where the server lives in another time zone', async () => {
    await migrate({ connectionString: database.url });
    const name = new URL(database.url).pathname.slice(1);
    await query(`ALTER DATABASE ${name} SET timezone = 'Asia/Kolkata'`);
    const prisma = service(database.url);
    await prisma.connect();
    const rows = await prisma.client.$queryRaw<{ now: Date }[]>`SELECT now() AS now`;
    expect(Math.abs(Date.now() - (rows[0]?.now.getTime() ?? 0))).toBeLessThan(10_000);
    await prisma.close();
  });

  it('names the address that cannot be reached, in one line, and never the password', async () => {
    const failure: unknown = await service('postgresql://someone:hunter2@127.0.0.1:1/shop')
      .connect()
      .catch((error: unknown) => error);
    expect(String(failure)).toBe(
      'Error: Cannot reach the database at 127.0.0.1:1/shop: connect ECONNREFUSED 127.0.0.1:1',
    );
  });
});
