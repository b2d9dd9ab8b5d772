import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { MigrationList, SchemaFilter } from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';
import { createPool, MIGRATION_LIMITS } from '../connection-pool.js';
import { describeAddress, describeFailure } from '../database-address.js';
import { schemaOf } from '../database-schema.js';
import { packageRoot } from '../package-root.js';
import { explainEngineError, openSchemaEngine } from './schema-engine.js';

/** Everything in the database is ours to describe. */
export const NO_FILTER: SchemaFilter = { externalTables: [], externalEnums: [] };

/** The key of an advisory lock, any number that is used for nothing else: its holder makes what migrations need to begin. */
const MAKING_ROOM = 7_214_006_150_313;

const LOCK_FILE = 'migration_lock.toml';

/** The package's own `prisma/migrations`. */
export function migrationsDirectory(): string {
  return join(packageRoot(), 'prisma', 'migrations');
}

/** Text of the package's own `prisma/schema.prisma`. */
export async function readSchema(): Promise<string> {
  return readFile(join(packageRoot(), 'prisma', 'schema.prisma'), 'utf8');
}

/** The migrations in `directory`, oldest first, in the form the schema engine takes. */
export async function readMigrations(directory: string = migrationsDirectory()): Promise<MigrationList> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  const migrationDirectories = await Promise.all(
    names.sort().map(async (name) => {
      const value = await readFile(join(directory, name, 'migration.sql'), 'utf8');
      return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } };
    }),
  );
  const hasLockFile = entries.some((entry) => entry.name === LOCK_FILE);
  const content = hasLockFile ? await readFile(join(directory, LOCK_FILE), 'utf8') : null;
  return {
    baseDir: directory,
    lockfile: { path: LOCK_FILE, content },
    shadowDbInitScript: '',
    migrationDirectories,
  };
}

/**
 * Applies what is missing, each migration in one transaction, and returns the names applied. Two processes at once are
 * safe on a server: the engine holds Prisma's own advisory lock, on the one connection it gets. A migration that fails
 * is recorded as failed in `_prisma_migrations`, as `prisma migrate deploy` does. Errors are one line, without password.
 */
export async function migrate(connection: pg.PoolConfig, migrations?: MigrationList): Promise<string[]> {
  const pool = createPool(connection, MIGRATION_LIMITS);
  try {
    await pool.query('SELECT 1').catch((error: unknown) => {
      throw new Error(
        `Cannot reach the database at ${describeAddress(connection)}: ${describeFailure(error)}`,
      );
    });
    const place = schemaOf(connection);
    await makeRoom(pool, place);
    return await applyMigrations(pool, place, migrations ?? (await readMigrations()));
  } finally {
    await pool.end();
  }
}

/**
 * The engine takes a schema that holds something for one that it must not touch, unless its own table is there: made ahead as
 * the engine makes it, tables of others are no obstacle
 * (https://www.prisma.io/docs/orm/prisma-migrate/workflows/baselining, error P3005).
 */
async function makeRoom(pool: pg.Pool, place: string): Promise<void> {
  // One transaction: two processes that make the same at once would get in each other's way.
  await pool.query(`SELECT pg_advisory_xact_lock(${MAKING_ROOM});
    CREATE SCHEMA IF NOT EXISTS ${pg.escapeIdentifier(place)};
    CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
      id VARCHAR(36) PRIMARY KEY NOT NULL,
      checksum VARCHAR(64) NOT NULL,
      finished_at TIMESTAMPTZ,
      migration_name VARCHAR(255) NOT NULL,
      logs TEXT,
      rolled_back_at TIMESTAMPTZ,
      started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
      applied_steps_count INTEGER NOT NULL DEFAULT 0)`);
}

async function applyMigrations(
  pool: pg.Pool,
  place: string,
  migrationsList: MigrationList,
): Promise<string[]> {
  const engine = await openSchemaEngine(pool, await readSchema(), place);
  try {
    const { appliedMigrationNames } = await engine.applyMigrations({ migrationsList, filters: NO_FILTER });
    return appliedMigrationNames;
  } catch (error) {
    throw new Error(`Migrating failed: ${explainEngineError(error)}`, { cause: error });
  } finally {
    engine.free();
  }
}

/** What stands between a database and `prisma/migrations`. */
export interface MigrationState {
  pending: string[];
  /** Begun and neither finished nor marked as rolled back. */
  failed: string[];
}

/** Reads `_prisma_migrations` and changes nothing. A database that knows more migrations than we do is up to date. */
export async function readMigrationState(pool: pg.Pool, migrations?: MigrationList): Promise<MigrationState> {
  const { migrationDirectories } = migrations ?? (await readMigrations());
  const known = await pool.query<{ present: boolean }>(
    `SELECT to_regclass('_prisma_migrations') IS NOT NULL AS present`,
  );
  const names = migrationDirectories.map(({ path }) => path);
  if (known.rows[0]?.present !== true) return { pending: names, failed: [] };
  const { rows } = await pool.query<{ name: string; finished: boolean }>(
    `SELECT migration_name AS name, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
  );
  const finished = new Set(rows.filter((row) => row.finished).map((row) => row.name));
  return {
    pending: names.filter((name) => !finished.has(name)),
    failed: rows.filter((row) => !row.finished && !finished.has(row.name)).map((row) => row.name),
  };
}
