import process from 'node:process';
import { loadConfig } from '../app-config.js';
import { loadEnvFile } from '../infra/config/load-env-file.js';
import { EmbeddedPostgres } from '../infra/prisma/embedded/embedded-postgres.js';
import { migrate } from '../infra/prisma/migrations/migrations.js';

/** `npm run prisma:migrate`: brings the configured database, embedded or a server, up to date. */
async function main(): Promise<void> {
  loadEnvFile();
  const { databaseUrl, dataDir } = loadConfig(undefined, {}, { requireEncryption: false });
  if (databaseUrl !== undefined) {
    report(await migrate({ connectionString: databaseUrl }));
    return;
  }
  const embedded = await EmbeddedPostgres.start({ dataDir });
  try {
    report(await migrate(embedded.connection));
  } finally {
    await embedded.stop();
  }
}

function report(applied: string[]): void {
  const text = applied.length === 0 ? 'Nothing to migrate' : `Applied ${applied.join(', ')}`;
  process.stdout.write(`${text}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
