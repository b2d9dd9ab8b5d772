import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import process from 'node:process';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { collect, exitCode } from '../e2e/support/running-service.js';
import { describeWith } from '../services/with-services.js';
import { eventually } from './support/eventually.js';
import { OwnRedis } from './support/own-redis.js';
import { createThrowawayDatabase, type ThrowawayDatabase } from './support/real-postgres.js';

const TIMEOUT_MS = 120_000;
/** Making a cluster is ten seconds of CPU. */
const FIRST_START_MS = 240_000;
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

  const npmRun = (script: string, settings: Record<string, string> = {}): ChildProcess =>
    spawn('npm', ['run', '--silent', script], {
      cwd: image,
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: image,
        npm_config_update_notifier: 'false',
        ...env,
        ...settings,
      },
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

  it(
    'the service makes its embedded database, knows the tokens of a text, and serves the page of its API',
    async () => {
      const child = npmRun('start', { DATABASE_URL: '', REDIS_URL: '' });
      const printed = collect(child);
      const ended = exitCode(child);
      await eventually(FIRST_START_MS, () => /Listening on/.test(printed()) || child.exitCode !== null);
      const url = /Listening on (http[^"]+)/.exec(printed())?.[1] ?? 'http://it.does.not.listen';
      expect((await fetch(`${url}/docs/swagger-ui.css`)).status).toBe(200);
      process.kill(-child.pid!, 'SIGTERM');
      await ended;
      expect(printed()).not.toMatch(/Cannot find|ENOENT/);
    },
    FIRST_START_MS + TIMEOUT_MS,
  );
});

/** What the last stage of the Dockerfile copies. */
async function copyFinalStage(image: string): Promise<void> {
  const stage = readFileSync('Dockerfile', 'utf8')
    .split(/^FROM /m)
    .at(-1)!;
  for (const [, paths] of stage.matchAll(/^COPY (?:--from=build )?(.+)$/gm)) {
    const names = paths!.split(' ');
    const target = names.pop()!;
    for (const name of names) {
      const source = name.replace('/app/', '');
      const isInFolder = target.endsWith('/') || target === '.';
      await cp(source, join(image, target, isInFolder ? basename(source) : ''), { recursive: true });
    }
  }
}
