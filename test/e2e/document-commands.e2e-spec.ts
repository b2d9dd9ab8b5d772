import { spawn } from 'node:child_process';
import { mkdtemp, readdir, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { eventually } from '../integration/support/eventually.js';
import { OwnRedis } from '../integration/support/own-redis.js';
import { createThrowawayDatabase, type ThrowawayDatabase } from '../integration/support/real-postgres.js';
import { hasServices } from '../services/with-services.js';
import { documentedCommands, type DocumentedCommand } from './support/documented-commands.js';
import { collect, exitCode } from './support/running-service.js';

const TIMEOUT_MS = 180_000;

/** What commands that run until they are stopped print once they are ready. */
const READY: readonly [RegExp, RegExp][] = [
  [/^npm start$|dist\/main\.js$/, /Listening on http/],
  [/^npm run start:worker$/, /Working on jobs/],
  [/^npm run example$/, /Task manager on http/],
];

/** Their commands are given a PostgreSQL and a Redis. */
const NEEDS_SERVERS = ['docs/operations.md'];

/** Its commands run where the sources are: Jest finds no specification behind a link. */
const IN_THE_SOURCES = 'CONTRIBUTING.md';

const hasServers = hasServices('PostgreSQL', 'redis-server', 'pg_dump');
const isRun = ({ path }: DocumentedCommand): boolean => hasServers || !NEEDS_SERVERS.includes(path);
const documented = documentedCommands();
const commands = documented.filter(isRun);
const leftOut = documented.filter((command) => !isRun(command));

describe('the commands of the documents, in a checkout', () => {
  let checkout: string;
  let databases: ThrowawayDatabase[] = [];
  let redis: OwnRedis | undefined;
  let servers: Record<string, string> = {};

  beforeAll(async () => {
    checkout = await mkdtemp(join(tmpdir(), 'ai-providers-checkout-'));
    for (const name of await readdir('.')) {
      if (!/^(\.env|\.data|\.git|dist-examples)$/.test(name))
        await symlink(resolve(name), join(checkout, name));
    }
    if (!hasServers) return;
    databases = [await createThrowawayDatabase(), await createThrowawayDatabase()];
    redis = await OwnRedis.start();
    servers = {
      DATABASE_URL: databases[0]!.url,
      RESTORED_DATABASE_URL: databases[1]!.url,
      REDIS_URL: redis.url,
      AI_ENCRYPTION_KEY: 'k'.repeat(32),
      AI_ENCRYPTION_IV: 'i'.repeat(16),
    };
  }, TIMEOUT_MS);

  afterAll(async () => {
    await redis?.stop();
    await Promise.all(databases.map((database) => database.drop()));
    await rm(checkout, { recursive: true, force: true });
  }, TIMEOUT_MS);

  it('are there', () => {
    expect(commands.length).toBeGreaterThan(hasServers ? 8 : 2);
  });

  it.each(commands)(
    '$command ($path)',
    async ({ path, command }) => {
      const child = spawn('bash', ['-c', command], {
        cwd: path === IN_THE_SOURCES ? process.cwd() : checkout,
        env: {
          PATH: process.env['PATH'] ?? '',
          HOME: checkout,
          PORT: '0',
          npm_config_update_notifier: 'false',
          ...(NEEDS_SERVERS.includes(path) && servers),
        },
        stdio: ['ignore', 'pipe', 'pipe'],
        // npm's children are to hear of the signal, too.
        detached: true,
      });
      const printed = collect(child);
      const ended = exitCode(child);
      const ready = READY.find(([which]) => which.test(command))?.[1];
      if (ready !== undefined) {
        await eventually(TIMEOUT_MS, () => ready.test(printed()) || child.exitCode !== null);
        expect(printed()).toMatch(ready);
        process.kill(-child.pid!, 'SIGINT');
        await ended;
      } else {
        expect({ code: await ended, printed: printed() }).toMatchObject({ code: 0 });
      }
    },
    TIMEOUT_MS,
  );

  leftOut.forEach(({ command, path }) => it.skip(`${command} (${path})`, () => undefined));
});
