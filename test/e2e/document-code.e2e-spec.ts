import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { pathToFileURL } from 'node:url';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { blocksIn } from '../integration/support/document.reader.js';
import { eventually } from '../integration/support/eventually.js';
import { createThrowawayDatabase, type ThrowawayDatabase } from '../integration/support/real-postgres.js';
import { hasServices } from '../services/with-services.js';
import { typeErrors, writePrograms, type DocumentProgram } from './support/document.program.js';
import { collect, exitCode, RunningService } from './support/running-service.js';

const TIMEOUT_MS = 180_000;
const HOOKS = pathToFileURL('test/integration/support/typescript-hooks.mjs').href;

/** The `ts` blocks of all documents, told apart by their page and their place on it. */
const blocks = blocksIn('ts').map(({ path, text }, index) => ({
  index,
  path,
  listens: text.includes('.listen('),
  begins: text.split('\n')[0]!,
}));

describe('the TypeScript of the documents', () => {
  let folder: string;
  let programs: DocumentProgram[];
  let database: ThrowawayDatabase | undefined;
  let service: RunningService;
  let upstream: FakeUpstream;
  let ran: string;

  const start = (program: string): ChildProcess =>
    spawn(process.execPath, ['--import', HOOKS, join(folder, program)], {
      cwd: folder,
      env: { PATH: process.env['PATH'] ?? '', ...(database && { DATABASE_URL: database.url }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ai-providers-programs-'));
    database = hasServices('PostgreSQL') ? await createThrowawayDatabase() : undefined;
    if (database) await migrate({ connectionString: database.url });
    [service, upstream] = await Promise.all([RunningService.start(), FakeUpstream.start()]);
    const provider = { name: 'A', type: 'OPENAI', model: 'claude-haiku-4-5', apiKey: 'sk-test-0123456789' };
    await service.call('POST', '/ai-providers', { ...provider, endpoint: upstream.openaiUrl });
    programs = await writePrograms(folder, service.url);
    const runner = start('run.mjs');
    const printed = collect(runner);
    await exitCode(runner);
    ran = printed();
  }, TIMEOUT_MS);

  afterAll(async () => {
    await service?.stop();
    await upstream?.stop();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  }, TIMEOUT_MS);

  it('is there', () => {
    expect(programs).toHaveLength(blocks.length);
    expect(blocks.length).toBeGreaterThan(10);
  });

  it(
    'is what the compiler takes',
    () => {
      expect(
        typeErrors(
          folder,
          programs.map(({ file }) => file),
        ),
      ).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it.each(blocks.filter(({ listens }) => !listens))('runs to its end: $path, $begins', ({ index }) => {
    const { file } = programs[index]!;
    expect(ran.includes(`\nran ${file}\n`) ? '' : ran).toBe('');
  });

  it.each(blocks.filter(({ listens }) => listens))(
    'listens until it is stopped: $path, $begins',
    async ({ index }) => {
      const child = start(programs[index]!.file);
      const printed = collect(child);
      const ended = exitCode(child);
      await eventually(TIMEOUT_MS, () => /successfully started/.test(printed()) || child.exitCode !== null);
      expect(printed()).toMatch(/successfully started/);
      child.kill('SIGTERM');
      await ended;
    },
    TIMEOUT_MS,
  );
});
