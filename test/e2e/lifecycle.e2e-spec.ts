import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import pg from 'pg';
import { migrate } from '../../src/infra/prisma/migrations/migrations.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { answer, stall } from '../fakes/upstream/upstream-script.js';
import { streamCompletion } from './support/event-stream.reader.js';
import { eventually } from '../integration/support/eventually.js';
import { openUnreadStream } from './support/unread-stream.js';
import { registerProvider } from './support/providers.js';
import { createThrowawayDatabase } from '../integration/support/real-postgres.js';
import { itWith } from '../services/with-services.js';
import { collect, exitCode, RunningService, spawnService } from './support/running-service.js';

/** What the process and the test take besides, on a busy machine. */
const PROCESS_END_MS = 700;

const onServer = itWith('PostgreSQL');

/** More than all buffers between hold. */
const LONG = { text: 'quite a few words '.repeat(3_000_000), chunks: 10_000 };

describe('starting', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'ai-providers-e2e-'));
  });

  afterEach(async () => {
    await rm(dataDir, { recursive: true, force: true });
  });

  const failedStart = async (
    env: Record<string, string>,
  ): Promise<{ code: number | null; lines: string[] }> => {
    const child = spawnService({ AI_DATA_DIR: dataDir, PORT: '0', ...env });
    const printed = collect(child);
    const code = await exitCode(child);
    return {
      code,
      lines: printed()
        .split('\n')
        .filter((line) => line !== ''),
    };
  };

  it.each([
    ['PORT', '80x'],
    ['DATABASE_URL', 'mysql://secret-user:secret-pass@db/x'],
    ['AI_API_KEYS', 'secret-without-role'],
  ])('stops with one line that names %s and not its value', async (name, value) => {
    const { code, lines } = await failedStart({ [name]: value });
    expect(code).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(name);
    expect(lines[0]).not.toContain(value);
  });

  itWith('script')(
    'logs readable lines at a terminal, and JSON elsewhere',
    async () => {
      const env = { PATH: process.env['PATH'] ?? '', AI_DATA_DIR: dataDir, PORT: '0' };
      const unreachable = { ...env, DATABASE_URL: 'postgresql://127.0.0.1:9/none' };
      const linesOf = async (child: ChildProcess): Promise<string[]> => {
        const printed = collect(child);
        await exitCode(child);
        return printed()
          .split(/\r?\n/)
          .filter((line) => line !== '' && !line.startsWith('Cannot reach the database'));
      };
      const command = `${process.execPath} dist/main.js`;
      const readable = await linesOf(spawn('script', ['-qec', command, '/dev/null'], { env: unreachable }));
      const form = /^\d\d:\d\d:\d\d\.\d{3} (INFO|WARN|ERROR) +\[\w+\] \S/;
      expect(readable).not.toEqual([]);
      expect(readable.filter((line) => !form.test(line))).toEqual([]);

      const json = await linesOf(spawnService(unreachable));
      expect(json).toHaveLength(readable.length);
      for (const line of json)
        expect(JSON.parse(line)).toMatchObject({ level: expect.any(String) as string });
    },
    60_000,
  );

  it('refuses to listen openly without access keys', async () => {
    const { code, lines } = await failedStart({ HOST: '0.0.0.0' });
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringContaining('AI_API_KEYS')]);
  });

  it.each(['DATABASE_URL', 'REDIS_URL'])('refuses several workers that do not share %s', async (missing) => {
    const shared = { DATABASE_URL: 'postgresql://127.0.0.1:9/none', REDIS_URL: 'redis://127.0.0.1:9' };
    const { code, lines } = await failedStart({ WORKERS: '2', ...shared, [missing]: '' });
    expect(code).toBe(1);
    expect(lines).toEqual([
      expect.stringContaining(`${missing}: expected a URL when WORKERS is more than 1`),
    ]);
  });

  it('ends with the cause where its first worker cannot start', async () => {
    const { code, lines } = await failedStart({
      WORKERS: '2',
      DATABASE_URL: 'postgresql://user:hidden-word@127.0.0.1:9/none',
      REDIS_URL: 'redis://127.0.0.1:9',
    });
    expect(code).toBe(1);
    expect(lines.filter((line) => line.includes('127.0.0.1:9/none'))).toHaveLength(1);
    expect(lines.at(-1)).toBe('A worker ended at its start with code 1');
    expect(lines.join('\n')).not.toContain('hidden-word');
  }, 60_000);

  it('asks for encryption keys in production', async () => {
    const { code, lines } = await failedStart({ NODE_ENV: 'production' });
    expect(code).toBe(1);
    expect(lines.join('\n')).toContain('AI_ENCRYPTION_KEY');
  });

  it('says which database address failed, without the password', async () => {
    const { code, lines } = await failedStart({
      DATABASE_URL: 'postgresql://user:hidden-word@127.0.0.1:9/none',
    });
    expect(code).toBe(1);
    expect(lines.filter((line) => line.includes('127.0.0.1:9'))).toHaveLength(1);
    expect(lines.join('\n')).not.toMatch(/^\s+at /m);
    expect(lines.at(-1)).toContain('127.0.0.1:9');
    expect(lines.join('\n')).not.toContain('hidden-word');
  }, 60_000);

  onServer(
    'says why, where the database is reached and then does not answer',
    async () => {
      const { url, drop } = await createThrowawayDatabase();
      await migrate({ connectionString: url });
      const holder = new pg.Client({ connectionString: url });
      try {
        await holder.connect();
        await holder.query('BEGIN; LOCK TABLE "AIProvider" IN ACCESS EXCLUSIVE MODE');
        const { code, lines } = await failedStart({ DATABASE_URL: url });
        expect(code).toBe(1);
        expect(lines.at(-1)).toMatch(/^The database is not available: ./);
      } finally {
        await holder.end();
        await drop();
      }
    },
    90_000,
  );

  it('says when the port is taken', async () => {
    const holder = createServer();
    await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve));
    const { code, lines } = await failedStart({ PORT: String((holder.address() as AddressInfo).port) });
    expect(code).toBe(1);
    expect(lines.at(-1)).toMatch(/^PORT: expected a free port; \d+ on 127\.0\.0\.1 is in use/);
    await new Promise((resolve) => holder.close(resolve));
  }, 60_000);

  it('keeps the generated encryption key to its owner and refuses a second process on the same data', async () => {
    const first = await RunningService.start({ AI_DATA_DIR: dataDir }, { embedded: true });
    expect((await stat(join(dataDir, 'encryption-key'))).mode & 0o777).toBe(0o600);
    const { code, lines } = await failedStart({});
    expect(code).toBe(1);
    expect(lines.at(-1)).toContain(dataDir);
    expect((await first.call('GET', '/health/live')).status).toBe(200);
    expect(await first.stop()).toBe(0);
    expect(await readdir(dataDir)).toContain('encryption-key');
  }, 90_000);

  it('registers a default provider from the environment once', async () => {
    const env = { AI_DATA_DIR: dataDir, OPENAI_API_KEY: 'sk-env-0123456789', OPENAI_MODEL: 'my-model' };
    const listed = async (service: RunningService): Promise<{ id: string; isActive: boolean }[]> =>
      (await service.call<{ id: string; isActive: boolean }[]>('GET', '/ai-providers')).body;
    const first = await RunningService.start(env, { embedded: true });
    const [provider] = await listed(first);
    expect(provider).toMatchObject({
      type: 'OPENAI',
      model: 'my-model',
      apiKeyHint: '…6789',
      isActive: true,
    });
    await first.call('DELETE', `/ai-providers/${provider?.id}`);
    await first.stop();
    const second = await RunningService.start(env, { embedded: true });
    expect(await listed(second)).toEqual([expect.objectContaining({ id: provider?.id, isActive: false })]);
    await second.stop();
  }, 120_000);
});

describe('stopping', () => {
  it('lets a stream in flight end, takes no new work meanwhile, and exits 0', async () => {
    const [service, upstream] = await Promise.all([RunningService.start(), FakeUpstream.start()]);
    await registerProvider(service, upstream);
    upstream.default({ answer: { text: 'one two three four', chunks: 8 }, eventDelayMs: 150 });
    let begun: () => void = () => undefined;
    const firstChunk = new Promise<void>((resolve) => (begun = resolve));
    const streaming = streamCompletion(service.url, { prompt: 'Hi' }, () => begun());
    await firstChunk;
    const stopping = service.stop('SIGTERM');
    const refused = async (): Promise<boolean> =>
      (await service.call('POST', '/ai-providers/complete', { prompt: 'Hi' })).body['code'] ===
      'SHUTTING_DOWN';
    await eventually(20_000, refused);
    expect((await service.call('GET', '/health/ready')).status).toBe(503);
    expect(await streaming).toMatchObject({ content: 'one two three four', done: true });
    expect(await stopping).toBe(0);
    await upstream.stop();
  }, 90_000);

  onServer(
    'ends in its time though callers do not read, and has the journal drained',
    async () => {
      const database = await createThrowawayDatabase();
      await migrate({ connectionString: database.url });
      const [service, upstream] = await Promise.all([
        RunningService.start({ AI_SHUTDOWN_TIMEOUT_MS: '1000', DATABASE_URL: database.url }),
        FakeUpstream.start(),
      ]);
      await registerProvider(service, upstream);
      upstream.default(answer(LONG));
      const sockets = Array.from({ length: 3 }, () => openUnreadStream(service.url));
      await eventually(20_000, () => upstream.calls.length === 3);
      const began = performance.now();
      const code = await service.stop('SIGTERM');
      expect([code, performance.now() - began < 2_000 + PROCESS_END_MS]).toEqual([0, true]);
      sockets.forEach((socket) => socket.destroy());
      await upstream.stop();
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM "AIRequest"');
      expect(rows[0]?.count).toBe('3');
      await client.end();
      await database.drop();
    },
    90_000,
  );

  it('ends what outlasts the time it has, as an error and not as a whole answer', async () => {
    const [service, upstream] = await Promise.all([
      RunningService.start({ AI_SHUTDOWN_TIMEOUT_MS: '300' }),
      FakeUpstream.start(),
    ]);
    await registerProvider(service, upstream);
    upstream.default(stall({ events: 2 }));
    let begun: () => void = () => undefined;
    const firstChunk = new Promise<void>((resolve) => (begun = resolve));
    const streaming = streamCompletion(service.url, { prompt: 'Hi' }, () => begun());
    await firstChunk;
    expect(await service.stop('SIGTERM')).toBe(0);
    expect(await streaming).toMatchObject({ done: false, error: { code: 'SHUTTING_DOWN' } });
    await upstream.stop();
  }, 90_000);
});
