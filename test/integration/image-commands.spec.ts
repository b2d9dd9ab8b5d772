import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { collect, exitCode } from '../e2e/support/running-service.js';
import { describeWith } from '../services/with-services.js';
import { eventually } from './support/eventually.js';
import { OwnRedis } from './support/own-redis.js';
import { createThrowawayDatabase, type ThrowawayDatabase } from './support/real-postgres.js';

const TIMEOUT_MS = 120_000;
const KEYS = { AI_ENCRYPTION_KEY: 'k'.repeat(32), AI_ENCRYPTION_IV: 'i'.repeat(16) };

const onServers = describeWith('PostgreSQL', 'redis-server');

onServers('a folder with what the image has', () => {
  let image: string;
  let database: ThrowawayDatabase;
  let redis: OwnRedis;
  let env: Record<string, string>;

  beforeAll(async () => {
    image = await mkdtemp(join(tmpdir(), 'ai-providers-image-'));
    [database, redis] = await Promise.all([createThrowawayDatabase(), OwnRedis.start()]);
    await copyFinalStage(image);
    env = {
      ...KEYS,
      NODE_ENV: 'production',
      PORT: '0',
      AI_DATA_DIR: join(image, 'data'),
      DATABASE_URL: database.url,
      REDIS_URL: redis.url,
    };
  }, TIMEOUT_MS);

  afterAll(async () => {
    await Promise.all([database.drop(), redis.stop(), rm(image, { recursive: true, force: true })]);
  });

  const npmRun = (script: string): ChildProcess =>
    spawn('npm', ['run', '--silent', script], {
      cwd: image,
      env: { PATH: process.env['PATH'] ?? '', HOME: image, npm_config_update_notifier: 'false', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });

  it.each([
    ['prisma:migrate', /^Applied \d+/],
    ['prisma:migrate', /^Nothing to migrate/],
    ['keys:rotate', /^Re-encrypted 0, skipped 0, failed 0/],
  ])(
    'npm run %s says %s',
    async (script, said) => {
      const child = npmRun(script);
      const printed = collect(child);
      expect([await exitCode(child), printed()]).toEqual([0, expect.stringMatching(said)]);
    },
    TIMEOUT_MS,
  );

  it.each([
    ['start', /Listening on http/],
    ['start:worker', /Working on jobs/],
  ])(
    'npm run %s says %s until it is stopped',
    async (script, said) => {
      const child = npmRun(script);
      const printed = collect(child);
      const ended = exitCode(child);
      await eventually(TIMEOUT_MS, () => said.test(printed()) || child.exitCode !== null);
      expect(printed()).toMatch(said);
      process.kill(-child.pid!, 'SIGTERM');
      await ended;
    },
    TIMEOUT_MS,
  );
});

/** What the last stage of the Dockerfile copies, with the packages of production alone. */
async function copyFinalStage(image: string): Promise<void> {
  const stage = readFileSync('Dockerfile', 'utf8')
    .split(/^FROM /m)
    .at(-1)!;
  for (const [, from, paths] of stage.matchAll(/^COPY (--from=build )?(.+)$/gm)) {
    const names = paths!.split(' ');
    const target = names.pop()!;
    for (const name of names) {
      const source = from === undefined ? name : name.replace('/app/', '');
      if (source === 'node_modules') await linkProductionPackages(join(image, source));
      else
        await cp(
          source,
          join(image, target, target.endsWith('/') || target === '.' ? source.split('/').at(-1)! : ''),
          { recursive: true },
        );
    }
  }
}

async function linkProductionPackages(target: string): Promise<void> {
  const { packages } = JSON.parse(await readFile('package-lock.json', 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  const kept = Object.entries(packages)
    .filter(([path, { dev, optional }]) => /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !optional)
    .map(([path]) => path.replace('node_modules/', ''));
  for (const name of kept) {
    const source = resolve('node_modules', name);
    if (!existsSync(source)) continue;
    await mkdir(dirname(join(target, name)), { recursive: true });
    symlinkSync(source, join(target, name));
  }
}
