import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DiffResult } from '@prisma/schema-engine-wasm/schema_engine_bg';
import { createPool, MIGRATION_LIMITS } from '../connection-pool.js';
import { EmbeddedPostgres } from '../embedded/embedded-postgres.js';
import { migrationsDirectory, NO_FILTER, readMigrations, readSchema } from './migrations.js';
import { openSchemaEngine } from './schema-engine.js';

/** `exitCode` of the engine's diff where the two sides differ. */
const DIFFERENT = 2;

const LOCK_FILE_TEXT = `# Written by Prisma. Belongs under version control.\nprovider = "postgresql"\n`;

/**
 * The SQL that takes a database with all migrations of `directory` to `schema`, or undefined where they agree. Both
 * default to the package's own. Works on a scratch database in memory (about 5 s).
 */
export async function draftMigration(directory?: string, schema?: string): Promise<string | undefined> {
  const migrationsList = await readMigrations(directory);
  const content = schema ?? (await readSchema());
  const scratch = await EmbeddedPostgres.start({ dataDir: null });
  const pool = createPool(scratch.connection, MIGRATION_LIMITS);
  try {
    const engine = await openSchemaEngine(pool, content);
    await engine.applyMigrations({ migrationsList, filters: NO_FILTER });
    const files = [{ path: 'schema.prisma', content }];
    const difference: DiffResult = await engine.diff({
      from: { tag: 'schemaDatasource', files, configDir: migrationsList.baseDir },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: true,
      filters: NO_FILTER,
    });
    engine.free();
    return difference.exitCode === DIFFERENT ? (difference.stdout ?? undefined) : undefined;
  } finally {
    await pool.end();
    await scratch.stop();
  }
}

/** Writes `sql` as the newest migration and returns its folder's name: the UTC time to the second, then `name`. */
export async function writeMigration(
  name: string,
  sql: string,
  directory: string = migrationsDirectory(),
): Promise<string> {
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const folder = `${stamp}_${name.replace(/\W+/g, '_')}`;
  await mkdir(join(directory, folder), { recursive: true });
  await writeFile(join(directory, folder, 'migration.sql'), `${sql.trimEnd()}\n`);
  await writeFile(join(directory, 'migration_lock.toml'), LOCK_FILE_TEXT);
  return folder;
}
