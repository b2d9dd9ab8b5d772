import { spawnSync } from 'node:child_process';
import process from 'node:process';
import pg from 'pg';
import { createClient } from 'redis';

/** A busy machine takes long to let anybody in; where nobody listens, that is known at once. */
const TIMEOUT_MS = 15_000;

/** What some tests need, and how each is looked for: the promise rejects where it is not there. */
const SERVICES = {
  PostgreSQL: () => answers(process.env.TEST_DATABASE_URL, askPostgres),
  Redis: () => answers(process.env.TEST_REDIS_URL, askRedis),
  'redis-server': () => isOnPath('redis-server'),
  curl: () => isOnPath('curl'),
  pg_dump: () => isOnPath('pg_dump'),
  // Gives a program a terminal.
  script: () => isOnPath('script'),
};

/**
 * Jest's global setup: looks once, before any test, for the services that tests need. Leaves in `TEST_SERVICES`, for
 * the specs and the reporter, the name of each with null, or with why it is not there.
 */
export default async function probe() {
  process.env.TEST_DATABASE_URL ??= 'postgresql://postgres@127.0.0.1:5432/postgres';
  process.env.TEST_REDIS_URL ??= 'redis://127.0.0.1:6379';
  const found = await Promise.all(
    Object.entries(SERVICES).map(async ([name, look]) => {
      try {
        await look();
        return [name, null];
      } catch (error) {
        return [name, `no ${name} ${error.message}`];
      }
    }),
  );
  process.env.TEST_SERVICES = JSON.stringify(Object.fromEntries(found));
}

async function answers(url, ask) {
  try {
    await ask(url);
  } catch (error) {
    throw new Error(`at ${new URL(url).host} (${error.code ?? error.message})`, { cause: error });
  }
}

async function askPostgres(connectionString) {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: TIMEOUT_MS });
  await client.connect();
  await client.end();
}

async function askRedis(url) {
  const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: TIMEOUT_MS } });
  client.on('error', () => undefined);
  await client.connect();
  await client.disconnect();
}

function isOnPath(program) {
  if (spawnSync(program, ['--version']).status !== 0) throw new Error('on the PATH');
}
