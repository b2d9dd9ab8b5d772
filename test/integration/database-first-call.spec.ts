import process from 'node:process';
import { expect } from '@jest/globals';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import { PrismaService } from '../../src/infra/prisma/prisma.service.js';
import { itWith } from '../services/with-services.js';
import { createThrowawayDatabase } from './support/real-postgres.js';
import { RecordingLogger } from './support/recording-logger.js';

const onServer = itWith('PostgreSQL');

/** Microseconds of this process's own processor time, which other processes do not lengthen. */
async function costOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

// Alone in its file: the query compiler is loaded once a process.
onServer(
  'the query compiler is loaded in connecting, not in the first call, which has little time',
  async () => {
    const { url, drop } = await createThrowawayDatabase();
    const database = new PrismaService({ databaseUrl: url, dataDir: '' }, new RecordingLogger());
    try {
      await migrate({ connectionString: url });
      const connecting = await costOf(() => database.connect());
      const firstCall = await costOf(() => database.client.aIProvider.findMany());
      // Where the first call loads it, that costs five times as much as connecting.
      expect(firstCall).toBeLessThan(2 * connecting);
    } finally {
      await database.close();
      await drop();
    }
  },
);
