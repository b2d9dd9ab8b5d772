import process from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';
import { PrismaService } from '../../../src/infra/prisma/prisma.service.js';
import { systemClock } from '../../../src/infra/time/system-clock.js';
import { JournalDrainer } from '../../../src/modules/ai-providers/ledger/journal/journal-drainer.js';
import { RequestJournal } from '../../../src/modules/ai-providers/ledger/journal/request-journal.js';
import { RequestLogRepository } from '../../../src/modules/ai-providers/ledger/request-log.repository.js';
import { RecordingLogger } from './recording-logger.js';
import { requestEvent } from './request-event.fixture.js';

// A process that keeps requests in the journal argv[2] and drains it into the database argv[3], or the embedded one
// under argv[4], until it is killed. It says the id of each request once `append` has taken it.
async function main(directory: string, databaseUrl: string, dataDir: string): Promise<void> {
  const logger = new RecordingLogger();
  const database = new PrismaService(databaseUrl === '' ? { dataDir } : { databaseUrl, dataDir }, logger);
  await database.connect();
  const journal = await RequestJournal.open(directory, 10_000_000);
  const drainer = new JournalDrainer(journal, new RequestLogRepository(database), systemClock, logger);
  for (;;) {
    for (let count = 0; count < 5; count += 1) {
      const event = requestEvent();
      if (journal.append([event]).lost === 0) process.stdout.write(`${event.id}\n`);
    }
    drainer.notify();
    await turn();
  }
}

main(process.argv[2] ?? '', process.argv[3] ?? '', process.argv[4] ?? '').catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
