import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createPool, EMBEDDED_LIMITS } from '../../src/infra/prisma/connection-pool.js';
import { EmbeddedPostgres } from '../../src/infra/prisma/embedded/embedded-postgres.js';
import { draftMigration } from '../../src/infra/prisma/migrations/migration-author.js';
import { readSchema } from '../../src/infra/prisma/migrations/migrations.js';
import { eventually } from './support/eventually.js';
import { typescriptProgram } from './support/typescript-program.js';

function startWriter(dataDir: string): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, [...typescriptProgram('embedded-writer.ts'), dataDir]);
}

describe('the embedded database', () => {
  let dataDir: string;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ai-providers-test-'));
  });

  afterAll(() => rm(dataDir, { recursive: true }));

  it('belongs to one process, and keeps every acknowledged row when that one is killed', async () => {
    const writer = startWriter(dataDir);
    let said = '';
    writer.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await eventually(90_000, () => said.split('\n').length > 50);

    const second = startWriter(dataDir);
    const complaint = text(second.stderr);
    const [code] = (await once(second, 'exit')) as [number | null];
    expect(code).toBe(1);
    expect(await complaint).toContain(`in use by process ${writer.pid};`);

    writer.kill('SIGKILL');
    await once(writer, 'close');
    const acknowledged = Number(said.split('\n').at(-2));

    const embedded = await EmbeddedPostgres.start({ dataDir });
    const pool = createPool(embedded.connection, EMBEDDED_LIMITS);
    const { rows } = await pool.query<{ n: number }>(
      'SELECT count(*)::int AS n FROM written WHERE n <= $1 AND length(text) = 500',
      [acknowledged],
    );
    expect(acknowledged).toBeGreaterThan(40);
    expect(rows).toEqual([{ n: acknowledged }]);
    await pool.end();
    await embedded.stop();
    expect((await stat(join(dataDir, 'postgres'))).mode & 0o777).toBe(0o700);
  }, 180_000);

  it('says in one line where a directory holds something else', async () => {
    const other = await mkdtemp(join(tmpdir(), 'ai-providers-test-'));
    await mkdir(join(other, 'postgres'));
    await writeFile(join(other, 'postgres', 'notes.txt'), 'mine');
    await expect(EmbeddedPostgres.start({ dataDir: other })).rejects.toThrow(
      `The embedded database in ${other} does not start: the directory holds something else than a database`,
    );
    await rm(other, { recursive: true });
  });
});

describe('prisma/migrations', () => {
  it('lack nothing but what is added to schema.prisma', async () => {
    const schema = `${await readSchema()}\nmodel Extra {\n  id Int @id\n}\n`;
    const sql = await draftMigration(undefined, schema);
    expect(sql?.match(/^(?!--|$|\s|\)).*/gm)).toEqual(['CREATE TABLE "Extra" (']);
  }, 120_000);
});
