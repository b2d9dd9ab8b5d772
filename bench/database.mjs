import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import pg from 'pg';

/** Where a throwaway database is made. */
const POSTGRES = process.env.BENCH_POSTGRES_URL ?? 'postgresql://postgres@127.0.0.1:5432/postgres';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const LOOK_EVERY_MS = 250;

/**
 * An empty database with its URL and what removes it; null where no PostgreSQL answers. A server on this machine serves it
 * on `cores`, where the bench may say so: whoever is measured would share his core with it else, which a database of its own
 * machine takes nothing of.
 */
export async function createDatabase({ cores = null } = {}) {
  const name = `ai_providers_bench_${process.pid}_${randomBytes(4).toString('hex')}`;
  try {
    await query(`CREATE DATABASE ${name}`);
  } catch {
    return null; // Nothing answers there; the service brings its own.
  }
  const url = new URL(POSTGRES);
  url.pathname = name;
  const release = cores !== null && LOOPBACK.includes(url.hostname) ? keepOn(cores, name) : () => undefined;
  return {
    url: url.href,
    drop: async () => {
      await release();
      await query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
  };
}

/** Moves each process that serves the database `name` to `cores` as it comes; gives what ends that. */
function keepOn(cores, name) {
  const moved = new Set();
  const client = new pg.Client({ connectionString: POSTGRES });
  const look = async () => {
    const { rows } = await client.query('SELECT pid FROM pg_stat_activity WHERE datname = $1', [name]);
    for (const { pid } of rows) {
      if (moved.has(pid) || !isPostgres(pid)) continue;
      moved.add(pid);
      move(pid, cores);
    }
  };
  const giveUp = ({ message }) => {
    clearInterval(timer);
    process.stderr.write(`PostgreSQL stays on all cores: ${message}\n`);
  };
  const timer = setInterval(() => look().catch(giveUp), LOOK_EVERY_MS);
  client.connect().catch(giveUp);
  return () => {
    clearInterval(timer);
    return client.end();
  };
}

function move(pid, cores) {
  try {
    execFileSync('taskset', ['-a', '-p', '-c', cores, `${pid}`], { stdio: 'ignore' });
  } catch (error) {
    if (isPostgres(pid)) throw error;
  }
}

/** Whether a process of this machine is one of PostgreSQL's: the server may stand in a container, with ids of its own. */
function isPostgres(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').startsWith('postgres');
  } catch {
    return false;
  }
}

async function query(text) {
  const client = new pg.Client({ connectionString: POSTGRES, connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
    return await client.query(text);
  } finally {
    await client.end();
  }
}
