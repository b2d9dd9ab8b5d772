import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { collect, exitCode, spawnService } from '../e2e/support/running-service.js';

describe('a start that cannot succeed', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ai-providers-start-'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  async function failure(env: Record<string, string>): Promise<string> {
    const child = spawnService({ AI_DATA_DIR: join(directory, 'data'), ...env });
    const printed = collect(child);
    expect(await exitCode(child)).toBe(1);
    return printed().trim();
  }

  it('for a port in use names the variable, before a database is made', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    expect(await failure({ PORT: String(port) })).toBe(
      `PORT: expected a free port; ${port} on 127.0.0.1 is in use by another process`,
    );
    expect(existsSync(join(directory, 'data', 'postgres'))).toBe(false);
    other.close();
  }, 30_000);

  it.each([
    [{ HOST: '192.0.2.1', AI_ALLOW_ANONYMOUS: 'true' }, /^HOST: expected an address of this machine/],
    [{ NODE_ENV: 'prod' }, /^NODE_ENV: expected production, development, test/],
    [{ NODE_ENV: 'Producton' }, /^NODE_ENV: expected production/],
    [{ AI_DATA_DIR: join(process.cwd(), 'package.json', 'data') }, /AI_DATA_DIR.*ENOTDIR/],
    [{ DATABASE_URL: 'postgresql://u@127.0.0.1/db?schemas=x' }, /^DATABASE_URL: expected/],
  ])(
    'for %j says what is expected',
    async (env, line) => {
      expect(await failure({ PORT: '0', ...env })).toMatch(line);
    },
    30_000,
  );

  it('reads an .env that begins with a byte-order mark', async () => {
    await writeFile(join(directory, '.env'), '\uFEFFNODE_ENV=prod\nPORT=0\n');
    const main = join(process.cwd(), 'dist', 'main.js');
    const { stderr } = spawnSync(process.execPath, [main], { cwd: directory, encoding: 'utf8', env: {} });
    expect(stderr).toMatch(/^NODE_ENV: /);
  }, 30_000);
});

describe('npx ai-providers', () => {
  const run = (...args: string[]): { status: number | null; output: string } => {
    const command = join(process.cwd(), 'dist', 'cli', 'ai-providers.js');
    const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
      encoding: 'utf8',
      env: { DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none' },
    });
    return { status, output: stdout + stderr };
  };

  it('says what it can do', () => {
    expect(run()).toEqual({
      status: 1,
      output: expect.stringMatching(/^Usage: ai-providers <command>, of migrate, rotate-keys, serve/),
    });
  });

  it('migrates the configured database, or says why not', () => {
    expect(run('migrate')).toEqual({
      status: 1,
      output: expect.stringMatching(/^Cannot reach the database at 127\.0\.0\.1:1\/none/),
    });
  });
});
