import { randomBytes } from 'node:crypto';
import process from 'node:process';
import pg from 'pg';

const ADMIN_URL = process.env['TEST_DATABASE_URL'] ?? '';

/** A database on the real server that exists for one test file. */
export interface ThrowawayDatabase {
  url: string;
  drop: () => Promise<void>;
}

/** Makes an empty database of a name that nobody else has. */
export async function createThrowawayDatabase(): Promise<ThrowawayDatabase> {
  const name = `ai_providers_test_${randomBytes(8).toString('hex')}`;
  await asAdmin((client) => client.query(`CREATE DATABASE ${name}`));
  const url = new URL(ADMIN_URL);
  url.pathname = `/${name}`;
  const drop = async (): Promise<void> => {
    await asAdmin((client) => client.query(`DROP DATABASE ${name} WITH (FORCE)`));
  };
  return { url: url.href, drop };
}

async function asAdmin(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: ADMIN_URL, connectionTimeoutMillis: 3_000 });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}
