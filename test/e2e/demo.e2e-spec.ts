import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { eventually } from '../integration/support/eventually.js';
import { collect, exitCode } from './support/running-service.js';

const TIMEOUT_MS = 120_000;

describe('npm run demo', () => {
  let temporary: string;

  const demo = (args: string[], env: Record<string, string> = {}): ChildProcess =>
    spawn(process.execPath, ['demo/run.mjs', ...args], {
      env: { PATH: process.env['PATH'] ?? '', TMPDIR: temporary, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  beforeEach(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'ai-providers-demo-test-'));
  });

  afterEach(() => rm(temporary, { recursive: true, force: true }));

  it(
    'with --once asks all three vendors, streams, fails over, and leaves nothing behind',
    async () => {
      // What belongs to a real installation must not reach the demonstration's service.
      const child = demo(['--once'], { NODE_ENV: 'production', DATABASE_URL: 'postgresql://nowhere:1/x' });
      const printed = collect(child);
      expect([await exitCode(child), printed()]).toEqual([0, expect.stringContaining('as it should')]);
      expect(printed()).toMatch(/plain, from OpenAI.*plain, from Anthropic.*plain, from Gemini/s);
      expect(printed()).toMatch(/streamed, from Anthropic[^]+answer {4}[^\n]+\|[^\n]+\|/);
      expect(printed()).toMatch(
        /OpenAI \(simulated\): server_error, HTTP 500[^]+Anthropic \(simulated\): success/,
      );
      expect(printed()).toMatch(/cost {6}0\.\d+ USD/);
      expect(await readdir(temporary)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'without --once goes on serving until Ctrl-C, then ends its service and leaves nothing behind',
    async () => {
      // Where the README's commands expect it, unless something else is there.
      const port = (await isFree(3000)) ? '3000' : String.raw`\d+`;
      const child = demo([]);
      const printed = collect(child);
      const ended = exitCode(child);
      await eventually(TIMEOUT_MS, () => printed().includes('curl -N') || child.exitCode !== null);
      const url = /service +(http\S+)/.exec(printed())?.[1] ?? '';
      expect(url).toMatch(new RegExp(`^http://127.0.0.1:${port}/api$`));
      expect((await fetch(`${url}/health/live`)).status).toBe(200);
      child.kill('SIGINT');
      expect(await ended).toBe(0);
      await expect(fetch(`${url}/health/live`)).rejects.toThrow('fetch failed');
      expect(await readdir(temporary)).toEqual([]);
    },
    TIMEOUT_MS,
  );

  it(
    'exits with 1, says why and leaves nothing behind when its service cannot start',
    async () => {
      const taken = createServer();
      await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
      const child = demo(['--once'], { PORT: String((taken.address() as AddressInfo).port) });
      const printed = collect(child);
      expect(await exitCode(child)).toBe(1);
      expect(printed()).toMatch(/PORT: expected a free port; \d+ on 127\.0\.0\.1 is in use/);
      expect(await readdir(temporary)).toEqual([]);
      await new Promise((closed) => taken.close(closed));
    },
    TIMEOUT_MS,
  );
});

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
