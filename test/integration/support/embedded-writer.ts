import process from 'node:process';
import { EmbeddedPostgres } from '../../../src/infra/prisma/embedded/embedded-postgres.js';
import { createPool, EMBEDDED_LIMITS } from '../../../src/infra/prisma/connection-pool.js';

// A process that writes to the embedded database in argv[2] until it is killed, saying each row once it is acknowledged.
async function main(dataDir: string): Promise<void> {
  const embedded = await EmbeddedPostgres.start({ dataDir });
  const pool = createPool(embedded.connection, EMBEDDED_LIMITS);
  await pool.query('CREATE TABLE IF NOT EXISTS written (n serial PRIMARY KEY, text text)');
  for (;;) {
    const { rows } = await pool.query<{ n: number }>(
      `INSERT INTO written (text) VALUES (repeat('x', 500)) RETURNING n`,
    );
    process.stdout.write(`${rows[0]?.n}\n`);
  }
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
