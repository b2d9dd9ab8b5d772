import process from 'node:process';
import { expect, it } from '@jest/globals';
import { migrate } from '../../src/infra/prisma/migrations.js';
import { PrismaService } from '../../src/infra/prisma/prisma.service.js';
import { createThrowawayDatabase, hasRealPostgres } from './support/real-postgres.js';
import { RecordingLogger } from './support/recording-logger.js';

const onServer = (await hasRealPostgres()) ? it : it.skip;

/** Microseconds of this process's own processor time, which other processes do not lengthen. */
async function costOf(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

// Alone in its file: the query compiler is loaded once a process.
onServer('connecting costs more than the first call, which has little time', async () => {
  const { url, drop } = await createThrowawayDatabase();
  const database = new PrismaService({ databaseUrl: url, dataDir: '' }, new RecordingLogger());
  try {
    await migrate({ connectionString: url });
    const connecting = await costOf(() => database.connect());
    const firstCall = await costOf(() => database.client.aIProvider.findMany());
    expect(firstCall).toBeLessThan(connecting);
  } finally {
    await database.close();
    await drop();
  }
});
