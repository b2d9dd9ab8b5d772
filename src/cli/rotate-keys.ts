import process from 'node:process';
import { loadConfig } from '../app-config.js';
import { loadEnvFile } from '../infra/config/load-env-file.js';
import { ApiKeyCipher } from '../infra/crypto/api-key.cipher.js';
import { resolveEncryptionKeys } from '../infra/crypto/encryption-key.store.js';
import { createLogger } from '../infra/logging/create-logger.js';
import { PrismaService } from '../infra/prisma/prisma.service.js';
import { AIProviderRepository } from '../modules/ai-providers/registry/ai-provider.repository.js';
import { rotateKeys } from '../modules/ai-providers/registry/key-rotation.service.js';
import type { RotationReport } from '../modules/ai-providers/registry/key-rotation.service.js';

const EMBEDDED_ADVICE =
  'The embedded database serves one process at a time: stop the service, run keys:rotate, start it again.';

/**
 * `npm run keys:rotate`: puts every stored API key under `AI_ENCRYPTION_KEY`, reading those under
 * `AI_ENCRYPTION_KEY_PREVIOUS`. Exits 1 when a key could not be re-encrypted.
 *
 * On a PostgreSQL server every replica gets the new key and the previous one first, then this runs beside them, then
 * the previous one is dropped. The embedded database admits one process: there the service is stopped meanwhile.
 */
async function main(): Promise<void> {
  loadEnvFile();
  const config = loadConfig();
  const { keys, warning } = await resolveEncryptionKeys(config);
  if (warning !== undefined) process.stderr.write(`${warning}\n`);
  const logger = createLogger({ level: 'warn', json: config.production, destination: process.stderr });
  const database = new PrismaService(config, logger);
  await database.connect().catch((error: unknown) => {
    throw database.isEmbedded ? new Error(`${messageOf(error)}\n${EMBEDDED_ADVICE}`) : error;
  });
  try {
    report(await rotateKeys(new AIProviderRepository(database), ApiKeyCipher.create(keys)));
  } finally {
    await database.close();
  }
}

function report({ reencrypted, skipped, failed }: RotationReport): void {
  process.stdout.write(`Re-encrypted ${reencrypted}, skipped ${skipped}, failed ${failed.length}\n`);
  for (const { providerId, reason } of failed) process.stderr.write(`Provider ${providerId}: ${reason}\n`);
  if (failed.length > 0) process.exitCode = 1;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
