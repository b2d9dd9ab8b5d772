import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import { PrismaService } from '../../src/infra/prisma/prisma.service.js';
import { systemClock } from '../../src/infra/time/system-clock.js';
import { JournalDrainer } from '../../src/modules/ai-providers/ledger/journal/journal-drainer.js';
import { RequestJournal } from '../../src/modules/ai-providers/ledger/journal/request-journal.js';
import { RequestLogRepository } from '../../src/modules/ai-providers/ledger/request-log.repository.js';
import { randomOfRun } from '../fakes/seeded-random.js';
import { describeWith } from '../services/with-services.js';
import { eventually } from './support/eventually.js';
import { createThrowawayDatabase } from './support/real-postgres.js';
import { RecordingLogger } from './support/recording-logger.js';
import { typescriptProgram } from './support/typescript-program.js';

const random = randomOfRun();
const ACKNOWLEDGED = /^[0-9a-f-]{36}$/;

/** Runs a writer until it has said some ids, kills it a random moment later, and gives all that it had said. */
async function writeAndKill(directory: string, databaseUrl: string, dataDir: string): Promise<string[]> {
  const script = typescriptProgram('journal-writer.ts');
  const child = spawn(process.execPath, [...script, directory, databaseUrl, dataDir]);
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
  });
  await eventually(60_000, () => said.length > 40_000);
  await sleep(random() * 500);
  child.kill('SIGKILL');
  await once(child, 'close');
  return said.split('\n').filter((line) => ACKNOWLEDGED.test(line));
}

interface Case {
  kills: number;
  url: string;
  drop: () => Promise<void>;
}

const ON_EMBEDDED: Case = { kills: 1, url: '', drop: () => Promise.resolve() };

async function onServer(): Promise<Case> {
  const { url, drop } = await createThrowawayDatabase();
  await migrate({ connectionString: url });
  return { kills: 4, url, drop };
}

const TITLE = 'kill -9 of a process that writes and drains the journal into';
describe(`${TITLE} the embedded database`, () => losesNothing(() => Promise.resolve(ON_EMBEDDED)));
describeWith('PostgreSQL')(`${TITLE} PostgreSQL`, () => losesNothing(onServer));

function losesNothing(open: () => Promise<Case>): void {
  it('loses no request that was acknowledged and counts none twice', async () => {
    const { kills, url, drop } = await open();
    const dataDir = await mkdtemp(join(tmpdir(), 'ai-providers-crash-'));
    const directory = join(dataDir, 'journal');
    const acknowledged = new Set<string>();
    for (let kill = 0; kill < kills; kill += 1) {
      for (const id of await writeAndKill(directory, url, dataDir)) acknowledged.add(id);
    }
    const logger = new RecordingLogger();
    const database = new PrismaService(url === '' ? { dataDir } : { databaseUrl: url, dataDir }, logger);
    await database.connect();
    const journal = await RequestJournal.open(directory, 10_000_000);
    const drainer = new JournalDrainer(journal, new RequestLogRepository(database), systemClock, logger);
    const leftBehind = journal.bytes;
    expect(await drainer.drain()).toBe(true);
    await journal.close();

    const stored = new Set((await database.client.aIRequest.findMany()).map(({ id }) => id));
    const counted = await database.client.aIUsage.groupBy({ by: ['grain'], _sum: { successful: true } });
    expect([...acknowledged].filter((id) => !stored.has(id))).toEqual([]);
    expect(counted.map(({ _sum }) => Number(_sum.successful))).toEqual([
      stored.size,
      stored.size,
      stored.size,
    ]);
    expect(leftBehind).toBeGreaterThan(0);
    expect(await readdir(directory)).toEqual([]);
    await database.close();
    await rm(dataDir, { recursive: true });
    await drop();
  }, 120_000);
}
