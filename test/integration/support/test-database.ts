import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../../src/infra/prisma/migrations/migrations.js';
import { PrismaService } from '../../../src/infra/prisma/prisma.service.js';
import { createThrowawayDatabase } from './real-postgres.js';
import { RecordingLogger } from './recording-logger.js';

/** A migrated database of one test file alone. */
export interface TestDatabase {
  database: PrismaService;
  close: () => Promise<void>;
}

export async function openEmbedded(): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ai-providers-test-'));
  const database = new PrismaService({ dataDir }, new RecordingLogger());
  await database.connect();
  const close = async (): Promise<void> => {
    await database.close();
    await rm(dataDir, { recursive: true });
  };
  return { database, close };
}

export async function openServer(): Promise<TestDatabase> {
  const { url, drop } = await createThrowawayDatabase();
  await migrate({ connectionString: url });
  const database = new PrismaService({ databaseUrl: url, dataDir: '' }, new RecordingLogger());
  await database.connect();
  const close = async (): Promise<void> => {
    await database.close();
    await drop();
  };
  return { database, close };
}
