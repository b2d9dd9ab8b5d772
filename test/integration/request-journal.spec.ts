import { execFileSync } from 'node:child_process';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadConfig } from '../../src/app-config.js';
import { systemClock } from '../../src/infra/time/system-clock.js';
import type { RequestEvent } from '../../src/modules/ai-providers/interfaces/request-event.interface.js';
import { JournalDrainer } from '../../src/modules/ai-providers/ledger/journal/journal-drainer.js';
import type { JournalEntry } from '../../src/modules/ai-providers/ledger/journal/journal-line.js';
import { LogCounters } from '../../src/modules/ai-providers/ledger/rollups/log-counters.js';
import { RequestJournal } from '../../src/modules/ai-providers/ledger/journal/request-journal.js';
import {
  PRUNING_LOCK,
  RequestLogRepository,
} from '../../src/modules/ai-providers/ledger/request-log.repository.js';
import { RequestLogRetention } from '../../src/modules/ai-providers/ledger/request-log.retention.js';
import { RequestRecorder } from '../../src/modules/ai-providers/ledger/request-recorder.service.js';
import { PrismaService } from '../../src/infra/prisma/prisma.service.js';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import { describeWith } from '../services/with-services.js';
import { eventually } from './support/eventually.js';
import { createThrowawayDatabase, type ThrowawayDatabase } from './support/real-postgres.js';
import { RecordingLogger } from './support/recording-logger.js';
import {
  attemptRecord,
  entriesOf,
  requestEvent,
  requestEvents,
  usageOf,
} from './support/request-event.fixture.js';
import { typescriptProgram } from './support/typescript-program.js';
import { UnreliableLink } from './support/unreliable-link.js';

const BUDGET = 65_536;

async function readAll(journal: RequestJournal): Promise<{ ids: string[]; damaged: number }> {
  const ids: string[] = [];
  let damaged = 0;
  for (let batch = await journal.next(); batch !== null; batch = await journal.next()) {
    ids.push(...batch.entries.map(({ event }) => event.id));
    damaged += batch.damaged;
    await journal.confirm(batch);
  }
  return { ids, damaged };
}

async function onlyFile(directory: string): Promise<string> {
  const [name = '', ...others] = (await readdir(directory)).filter((each) => each.endsWith('.ndjson'));
  expect(others).toEqual([]);
  return join(directory, name);
}

/** Has a process that ends then keep requests in `directory`, with room for no more than `bytes` in a file. */
function keepWithoutRoom(directory: string, bytes: number): { ids: string[]; lost: number; fault: unknown } {
  const script = typescriptProgram('cramped-journal-writer.ts');
  const said = execFileSync(process.execPath, [...script, directory, `${bytes}`], { encoding: 'utf8' });
  return JSON.parse(said) as ReturnType<typeof keepWithoutRoom>;
}

function idsOf(events: readonly RequestEvent[]): string[] {
  return events.map(({ id }) => id);
}

function someEvents(count: number): RequestEvent[] {
  return Array.from({ length: count }, () => requestEvent());
}

describe('the journal', () => {
  let directory: string;
  const journals: RequestJournal[] = [];

  const open = async (maxBytes = 10_000_000): Promise<RequestJournal> => {
    const journal = await RequestJournal.open(directory, maxBytes);
    journals.push(journal);
    return journal;
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ai-providers-journal-'));
  });

  afterEach(async () => {
    for (const journal of journals.splice(0)) await journal.close();
    await rm(directory, { recursive: true });
  });

  it('gives back what it took, in order, and leaves no file behind', async () => {
    const journal = await open(BUDGET);
    const all = someEvents(50);
    for (const event of all) expect(journal.append([event])).toEqual({ lost: 0 });
    expect((await readdir(directory)).length).toBeGreaterThan(2);
    expect(await readAll(journal)).toEqual({ ids: all.map(({ id }) => id), damaged: 0 });
    expect(journal.hasPending).toBe(false);
    await journal.close();
    expect(await readdir(directory)).toEqual([]);
  });

  it('takes a request far larger than what is read at once', async () => {
    const journal = await open();
    const large = requestEvent({ metadata: { text: 'ä'.repeat(2_000_000) } });
    const all = [requestEvent(), large, requestEvent()];
    journal.append(all);
    expect((await readAll(journal)).ids).toEqual(all.map(({ id }) => id));
  });

  it('has room again once drained, however much came at once', async () => {
    const journal = await open(BUDGET);
    let first = someEvents(1);
    while (Buffer.byteLength(JSON.stringify(first)) < 0.8 * BUDGET) first = [...first, requestEvent()];
    expect(journal.append(first).lost).toBeLessThan(first.length / 2);
    await readAll(journal);
    const later = someEvents(20);
    expect(journal.append(later)).toEqual({ lost: 0 });
    expect((await readAll(journal)).ids).toEqual(later.map(({ id }) => id));
  });

  it('loses one request that cannot be written, and none of those that ended with it', async () => {
    const journal = await open();
    const [first, last] = someEvents(2) as [RequestEvent, RequestEvent];
    const unwritable = requestEvent({ metadata: { count: 1n as unknown as string } });
    expect(journal.append([first, unwritable, last])).toEqual({ lost: 1, fault: expect.any(TypeError) });
    expect((await readAll(journal)).ids).toEqual([first.id, last.id]);
  });

  it('keeps nothing of a write for which there was no room, and says exactly what is lost', async () => {
    const lineBytes = JSON.stringify(requestEvent()).length * 1.2;
    const kept = keepWithoutRoom(directory, Math.round(lineBytes * 3.5));
    expect(kept).toMatchObject({ lost: 0, fault: null });
    const { ids, damaged } = await readAll(await open());
    expect({ ids: ids.sort(), damaged }).toEqual({ ids: kept.ids.sort(), damaged: 0 });
    const refused = keepWithoutRoom(directory, Math.round(lineBytes / 2));
    expect(refused).toMatchObject({ lost: 8, fault: expect.stringMatching(/bytes were written|EFBIG/) });
    expect(await readAll(await open())).toEqual({ ids: [], damaged: 0 });
  });

  it('adds up what it takes as it would be added up from its lines', async () => {
    const journal = await open();
    const groups = fc.array(fc.array(requestEvents(0, 90_000_000), { minLength: 1 }), { minLength: 1 });
    await fc.assert(
      fc.asyncProperty(groups, async (appended) => {
        for (const events of appended) journal.append(events);
        const ids: string[] = [];
        for (let batch = await journal.next(); batch !== null; batch = await journal.next()) {
          const events = batch.entries.map(({ event }) => event);
          const parsed = LogCounters.of(events);
          expect(batch.counters?.usageRows()).toEqual(parsed.usageRows());
          expect(batch.counters?.failureRows()).toEqual(parsed.failureRows());
          ids.push(...idsOf(events));
          await journal.confirm(batch);
        }
        expect(ids).toEqual(idsOf(appended.flat()));
      }),
      { numRuns: 50 },
    );
  });

  it('begins another batch with what comes while one is stored', async () => {
    const journal = await open();
    const [first, second] = [someEvents(2), someEvents(3)];
    journal.append(first);
    const reading = journal.next();
    await new Promise((begun) => process.nextTick(begun));
    journal.append(second);
    const batch = await reading;
    // Else a drainer would go on with the few that come meanwhile, a transaction for each few.
    expect(batch?.isLast).toBe(true);
    expect((await journal.next())?.entries).toEqual(batch?.entries);
    if (batch) await journal.confirm(batch);
    const next = await journal.next();
    expect(next?.entries.map(({ event }) => event.id)).toEqual(idsOf(second));
    expect(next?.counters?.usageRows()[0]?.successful).toBe(second.length);
  });

  it('counts what somebody cut off its files, and gives the rest', async () => {
    const journal = await open();
    const all = someEvents(3);
    journal.append(all);
    const path = await onlyFile(directory);
    await truncate(path, (await stat(path)).size - 10);
    expect((await journal.next())?.counters).toBeUndefined();
    expect(await readAll(journal)).toEqual({ ids: idsOf(all.slice(0, 2)), damaged: 1 });
  });

  it('gives no more than a thousand requests or 1 MiB at once, each with its sum', async () => {
    const journal = await open(100_000_000);
    const many = Array.from({ length: 30 }, () => someEvents(40));
    const large = Array.from({ length: 5 }, () => requestEvent({ metadata: { text: 'x'.repeat(400_000) } }));
    for (const events of [...many, ...large.map((event) => [event])]) journal.append(events);
    const sizes: number[] = [];
    for (let batch = await journal.next(); batch !== null; batch = await journal.next()) {
      sizes.push(batch.entries.length);
      expect(batch.counters?.usageRows()[0]?.successful).toBe(batch.entries.length);
      await journal.confirm(batch);
    }
    expect(sizes).toEqual([1_000, 202, 2, 1]);
  });

  it('is drained in whole batches: what comes while one is stored waits for the next', async () => {
    const journal = await open(BUDGET);
    const stored: number[] = [];
    const sink = {
      record: ({ length }: readonly JournalEntry[]) => {
        stored.push(length);
        if (stored.length < 3) journal.append(someEvents(3));
        return Promise.resolve(length);
      },
    };
    const never = { monotonic: () => 0, wallTime: () => 0, schedule: () => () => undefined };
    const drainer = new JournalDrainer(journal, sink, never, new RecordingLogger());
    journal.append([requestEvent()]);
    await drainer.drain();
    expect(stored).toEqual([1]);
    await Promise.all([drainer.drain(), drainer.drain()]);
    expect(stored).toEqual([1, 3]);
    await drainer.drain();
    expect(journal.hasPending).toBe(false);
  });

  it('gives again what was not confirmed', async () => {
    const journal = await open();
    journal.append(someEvents(3));
    const first = await journal.next();
    expect((await journal.next())?.entries).toEqual(first?.entries);
  });

  it('takes over the files of a process that has ended, and those of a living one never', async () => {
    const living = await open();
    const all = someEvents(3);
    living.append(all);
    const other = await open();
    expect(await other.adopt()).toBe(0);
    expect(await readAll(other)).toEqual({ ids: [], damaged: 0 });
    await living.close();
    expect(await other.adopt()).toBe(1);
    expect(await other.adopt()).toBe(0);
    expect((await readAll(other)).ids).toEqual(all.map(({ id }) => id));
  });

  it('skips and counts a line that a crash cut short', async () => {
    const event = requestEvent();
    const line = JSON.stringify(event);
    await writeFile(
      join(directory, 'dead-1.ndjson'),
      `${line.slice(0, 90)}\n${line}\n{}\n${line.slice(0, 70)}`,
    );
    await writeFile(join(directory, 'dead-2.ndjson'), line.slice(0, 40));
    await appendFile(join(directory, 'unrelated.txt'), line);
    const journal = await open();
    expect(await readAll(journal)).toEqual({ ids: [event.id], damaged: 4 });
    expect(await readdir(directory)).toContain('unrelated.txt');
  });
});

const onServer = describeWith('PostgreSQL');

onServer('the recorder', () => {
  let server: ThrowawayDatabase;
  let link: UnreliableLink;
  let database: PrismaService;
  let dataDir: string;
  let logger: RecordingLogger;
  let recorder: RequestRecorder;

  beforeAll(async () => {
    server = await createThrowawayDatabase();
    await migrate({ connectionString: server.url });
    link = await UnreliableLink.open(server.url);
    database = new PrismaService({ databaseUrl: link.url, dataDir: '' }, new RecordingLogger());
    await database.connect();
  });

  const start = async (): Promise<RequestRecorder> => {
    const config = loadConfig({}, { dataDir, journalMaxBytes: BUDGET });
    const made = new RequestRecorder(config, systemClock, logger, new RequestLogRepository(database));
    await made.onModuleInit();
    return made;
  };

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ai-providers-recorder-'));
    logger = new RecordingLogger();
    recorder = await start();
  });

  afterEach(async () => {
    link.restore();
    await recorder.beforeApplicationShutdown();
    await rm(dataDir, { recursive: true });
    await eventually(5_000, () => database.isUp());
    await database.client.aIRequest.deleteMany();
  });

  afterAll(async () => {
    await database.close();
    await link.close();
    await server.drop();
  });

  const storedIds = async (): Promise<string[]> =>
    (await database.client.aIRequest.findMany({ orderBy: { id: 'asc' } })).map(({ id }) => id);
  const keep = async (...events: RequestEvent[]): Promise<void> => {
    await Promise.all(events.map((event) => recorder.requestEnded(event)));
  };

  it('has a request in the database within a second of its end', async () => {
    const event = requestEvent();
    await keep(event);
    await eventually(2_000, async () => (await storedIds()).includes(event.id));
  });

  it.each(['cut', 'hang'] as const)(
    'keeps everything while the database is away (%s), stores it when that is back, and says each once',
    async (how) => {
      const all = someEvents(20);
      link[how]();
      await keep(...all.slice(0, 10));
      expect(await recorder.flush()).toBe(false);
      await keep(...all.slice(10));
      expect(await recorder.flush()).toBe(false);
      link.restore();
      await eventually(10_000, async () => (await database.isUp()) && (await storedIds()).length === 20);
      expect(await storedIds()).toEqual(idsOf(all));
      await eventually(2_000, () => logger.lines.length > 1);
      expect(logger.lines).toEqual([
        'warn The database is away: the request log is kept in the journal',
        'info The request log is written to the database again',
      ]);
    },
  );

  it('drops the newest requests beyond its budget, counts them, and says when it begins and ends', async () => {
    link.cut();
    const all = someEvents(300);
    await keep(...all);
    const { lost, journalBytes } = recorder.state;
    expect(lost).toBeGreaterThan(0);
    expect(journalBytes).toBeLessThanOrEqual(BUDGET);
    link.restore();
    await eventually(10_000, () => database.isUp());
    await eventually(10_000, () => recorder.flush());
    const later = requestEvent();
    await keep(later);
    await recorder.flush();
    expect(await storedIds()).toEqual(idsOf([...all.slice(0, all.length - lost), later]));
    expect(logger.lines.filter((line) => line.includes('journal'))).toContain(
      'error The journal is full: requests go unrecorded',
    );
    expect(logger.lines.filter((line) => line.includes('takes requests again'))).toHaveLength(1);
    expect(logger.lines.filter((line) => line.includes('full'))).toHaveLength(1);
  });

  it.each<[string, Partial<RequestEvent>]>([
    ['a number that is none', { latency: Infinity }],
    ['a time beyond all calendars', { startedAt: 1e18 }],
    ['a missing word', { requestId: null as unknown as string }],
    ['an end beyond all calendars', { endedAt: 1e18 }],
    ['an end beyond all calendars, and failed', { endedAt: 1e18, code: 'ALL_PROVIDERS_FAILED' }],
    ['an end that is no time, and failed', { endedAt: NaN, code: 'ALL_PROVIDERS_FAILED' }],
  ])(
    'sets one request aside that has %s, tells of the first, and stores its neighbours',
    async (_, poison) => {
      const all = someEvents(5);
      const bad = [requestEvent(poison), requestEvent(poison)];
      await keep(...all.slice(0, 2), ...bad, ...all.slice(2));
      expect(await recorder.flush()).toBe(true);
      expect(await storedIds()).toEqual(idsOf(all));
      expect(recorder.state).toMatchObject({ damaged: 2, lost: 0 });
      const kept = await readFile(join(dataDir, 'journal', 'set-aside.ndjson'), 'utf8');
      expect(
        kept
          .trimEnd()
          .split('\n')
          .map((line) => (JSON.parse(line) as RequestEvent).id),
      ).toEqual(bad.map(({ id }) => id));
      expect(logger.lines.filter((line) => line.includes('set aside'))).toHaveLength(1);
    },
  );

  it('stores what holds NUL bytes, halves of pairs and absurd counts, and adds none of these up', async () => {
    const strange = requestEvent({
      metadata: { nul: '\0', half: '\ud83d' },
      attempts: [attemptRecord({ model: 'm\0', usage: usageOf(9.2e18, 1e300), cost: null })],
    });
    await keep(strange, ...someEvents(2));
    expect(await recorder.flush()).toBe(true);
    expect(await storedIds()).toHaveLength(3);
    expect(recorder.state).toMatchObject({ damaged: 0, lost: 0 });
  });

  it('leaves out a line that is not as it was written, and stores the others', async () => {
    const all = someEvents(3);
    await keep(...all);
    const path = await onlyFile(join(dataDir, 'journal'));
    const lines = await readFile(path, 'utf8');
    await writeFile(path, lines.replace('{', '#'));
    expect(await recorder.flush()).toBe(true);
    expect(await storedIds()).toEqual(idsOf(all.slice(1)));
    expect(recorder.state).toMatchObject({ damaged: 1, lost: 0 });
  });

  it('counts a request once, whether all of a batch was stored before or some of it', async () => {
    const log = new RequestLogRepository(database);
    const providerId = 'stored twice';
    const all = [null, null, 'ALL_PROVIDERS_FAILED' as const].map((code) =>
      requestEvent({ code, attempts: [attemptRecord({ providerId })] }),
    );
    const counters = LogCounters.of(all);
    await log.record(entriesOf(all.slice(1)));
    for (const added of [1, 0]) expect(await log.record(entriesOf(all), counters)).toBe(added);
    const where = { providerId, grain: 1 };
    expect(await database.client.aIUsage.findMany({ where })).toMatchObject([{ successful: 3n }]);
    expect(await database.client.aIFailure.findMany({ where })).toMatchObject([{ count: 1n }]);
  });

  it('has old requests deleted by one replica at a time', async () => {
    const log = new RequestLogRepository(database);
    const config = loadConfig({}, { dataDir, logRetentionDays: 2 });
    const retention = new RequestLogRetention(config, systemClock, logger, log);
    const daysAgo = (days: number): Date => new Date(Date.now() - days * 86_400_000);
    const kept = requestEvent({ endedAt: daysAgo(1.9).getTime() });
    await log.record(
      entriesOf([kept, ...someEvents(3).map((event) => ({ ...event, endedAt: daysAgo(2.1).getTime() }))]),
    );
    await database.client.aIRequest.updateMany({ data: { recordedAt: daysAgo(2.1) } });
    await database.client.$transaction(async (other) => {
      await other.$queryRawUnsafe(`SELECT pg_advisory_xact_lock(${PRUNING_LOCK})::text`);
      expect(await log.deleteSome(daysAgo(2), 100)).toBeNull();
    });
    expect(await retention.prune()).toBe(3);
    expect(await storedIds()).toEqual([kept.id]);
  });

  it('stores what is there before it stops, and at the next start what it could not', async () => {
    const [first, second] = [requestEvent(), requestEvent()];
    await keep(first);
    await recorder.beforeApplicationShutdown();
    expect(await storedIds()).toEqual([first.id]);
    expect(await readdir(join(dataDir, 'journal'))).toEqual([]);
    recorder = await start();
    link.cut();
    await keep(second);
    await recorder.beforeApplicationShutdown();
    link.restore();
    await eventually(5_000, () => database.isUp());
    recorder = await start();
    await eventually(5_000, async () => (await storedIds()).length === 2);
    expect(await storedIds()).toEqual([first.id, second.id].sort());
  });
});
