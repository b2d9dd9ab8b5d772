import { spawn, type ChildProcess } from 'node:child_process';
import process from 'node:process';
import type { INestApplication } from '@nestjs/common';
import { createTaskManager } from '../../examples/task-manager/create-task-manager.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { DOCUMENTS } from '../integration/support/document.reader.js';
import { eventually } from '../integration/support/eventually.js';
import { OwnRedis } from '../integration/support/own-redis.js';
import { describeWith, hasServices } from '../services/with-services.js';
import { hostSettings, type HostSettings } from './support/nest-host.js';
import { differences, readPrinted } from './support/printed-shape.js';
import {
  consoleCommands,
  runInOneShell,
  shellRequests,
  type CommandRun,
  type PrintedCommand,
} from './support/printed-commands.js';
import { collect, exitCode } from './support/running-service.js';

const TIMEOUT_MS = 120_000;
const hasRedis = hasServices('redis-server');
const withCurl = describeWith('curl');

const documented = DOCUMENTS.map((path) => ({ path, commands: consoleCommands(path) }));
/** Jobs need a Redis. */
const isRun = ({ path }: { path: string }): boolean => hasRedis || path !== 'docs/jobs.md';
const pages = documented.filter(({ commands }) => commands.length > 0).filter(isRun);
const leftOut = documented.filter((page) => !isRun(page));

withCurl('the requests of the documents, pasted page by page beside npm run demo', () => {
  let demo: ChildProcess;
  let redis: OwnRedis | undefined;
  let service: string;
  let vendors: string;

  beforeAll(async () => {
    redis = hasRedis ? await OwnRedis.start() : undefined;
    demo = spawn(process.execPath, ['demo/run.mjs'], {
      env: { PATH: process.env['PATH'] ?? '', PORT: '0', ...(redis && { REDIS_URL: redis.url }) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = collect(demo);
    await eventually(TIMEOUT_MS, () => output().includes('curl -N') || demo.exitCode !== null);
    service = /service +(http:\S+)\/api/.exec(output())?.[1] ?? '';
    vendors = /simulated at (http:\S+)/.exec(output())?.[1] ?? '';
  }, TIMEOUT_MS);

  afterAll(async () => {
    const ended = exitCode(demo);
    demo.kill('SIGINT');
    await ended;
    await redis?.stop();
  }, TIMEOUT_MS);

  it('are there', () => {
    expect(pages.length).toBeGreaterThan(5);
  });

  describe.each(pages)('of $path', ({ commands }) => {
    let runs: CommandRun[];

    beforeAll(async () => {
      runs = await runInOneShell(commands.map(({ command }) => atAddresses(command, service, vendors)));
    }, TIMEOUT_MS);

    it.each(commands.map((command, index) => ({ ...command, index })))('$command', ({ index, output }) => {
      const { status, errors, exitCode: code, output: real } = runs[index]!;
      expect({ code, errors }).toEqual({ code: 0, errors: expect.any(String) as string });
      const expected = /^HTTP\/1.1 (\d+)/.exec(output)?.[1] ?? /^\{"statusCode":(\d+)/.exec(output)?.[1];
      if (expected !== undefined) expect(status).toBe(Number(expected));
      else if (status !== undefined) expect([200, 201]).toContain(status);
      if (output !== '') expect(differencesOf(output, real)).toEqual([]);
    });
  });

  leftOut.forEach(({ path, commands }) =>
    commands.forEach(({ command }) => it.skip(`of ${path}: ${command}`, () => undefined)),
  );
});

withCurl('the requests of examples/task-manager/README.md, pasted in their order', () => {
  let settings: HostSettings;
  let upstream: FakeUpstream;
  let app: INestApplication;

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
    settings = await hostSettings();
    app = await createTaskManager(settings.options);
    await app.listen(0, '127.0.0.1');
  }, TIMEOUT_MS);

  afterAll(async () => {
    await app?.close();
    await settings?.drop();
    await upstream?.stop();
  }, TIMEOUT_MS);

  it('succeed', async () => {
    const requests = shellRequests('examples/task-manager/README.md');
    expect(requests).toHaveLength(4);
    const url = await app.getUrl();
    const ran = await runInOneShell(requests.map(({ command }) => atAddresses(command, url, upstream.url)));
    expect(ran.map(({ status, exitCode: code, output }) => [status, code, output !== ''])).toEqual([
      [201, 0, true],
      [200, 0, true],
      [200, 0, true],
      [200, 0, true],
    ]);
  });
});

/** Nothing but the addresses is changed: a test cannot have the ports that the documents name. */
function atAddresses(command: PrintedCommand['command'], service: string, vendors: string): string {
  return command
    .replaceAll(/http:\/\/127\.0\.0\.1:300[01]/g, service)
    .replaceAll('http://127.0.0.1:4010', vendors);
}

function differencesOf(expected: string, real: string): string[] {
  if (expected.startsWith('HTTP/')) return differencesOf(bodyOf(expected), bodyOf(real));
  if (expected.startsWith('data:')) {
    const [shown, answered] = [eventsOf(expected), eventsOf(real)];
    return [0, -1].flatMap((place) =>
      differences(readPrinted(shown.at(place) ?? ''), JSON.parse(answered.at(place) ?? 'null')),
    );
  }
  if (!/^[[{]/.test(expected)) return columnDifferences(expected, real);
  return differences(readPrinted(expected), JSON.parse(real));
}

/** What follows the head of an answer. */
const bodyOf = (text: string): string => text.slice(text.search(/^\{/m));

/** The data of the events, but for the last, which is no JSON. */
function eventsOf(text: string): string[] {
  return [...text.matchAll(/^data: (\{(?:.+\n)+)/gm)].map(([, data]) => data!);
}

function columnDifferences(expected: string, real: string): string[] {
  const columnsOf = (text: string): string[] =>
    (text.split(/\r?\n/)[0] ?? '').split(',').map((name) => name.trim());
  const answered = columnsOf(real);
  return columnsOf(expected).filter((name) => name !== '…' && !answered.includes(name));
}
