import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../../src/infra/prisma/migrations/migrations.js';
import { PrismaService } from '../../../src/infra/prisma/prisma.service.js';
import { describeWith } from '../../services/with-services.js';
import { createThrowawayDatabase } from './real-postgres.js';
import { RecordingLogger } from './recording-logger.js';

/** A migrated database of one test file alone. */
export interface TestDatabase {
  database: PrismaService;
  close: () => Promise<void>;
}

/** How a suite of `describeOnDatabases` gets its database. */
export interface DatabaseKind {
  open: () => Promise<TestDatabase>;
  isEmbedded: boolean;
}

/** Makes a suite twice: once on the embedded database and once on PostgreSQL, where that is there. */
export function describeOnDatabases(title: string, suite: (kind: DatabaseKind) => void): void {
  describe(`${title} on the embedded database`, () => suite({ open: openEmbedded, isEmbedded: true }));
  describeWith('PostgreSQL')(`${title} on PostgreSQL`, () => suite({ open: openServer, isEmbedded: false }));
}

async function openEmbedded(): Promise<TestDatabase> {
  const dataDir = await mkdtemp(join(tmpdir(), 'ai-providers-test-'));
  const database = new PrismaService({ dataDir }, new RecordingLogger());
  await database.connect();
  const close = async (): Promise<void> => {
    await database.close();
    await rm(dataDir, { recursive: true });
  };
  return { database, close };
}

async function openServer(): Promise<TestDatabase> {
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
