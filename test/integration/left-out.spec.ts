import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { text } from 'node:stream/consumers';
import { expect, it } from '@jest/globals';

const JEST = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--seed=7'];

/** Runs spec files on a machine that has none of the services, and gives the exit code and what was printed. */
async function run(env: Record<string, string>, ...specs: string[]): Promise<{ code: number; said: string }> {
  const nowhere = {
    PATH: '',
    TEST_DATABASE_URL: 'postgresql://127.0.0.1:9/x',
    TEST_REDIS_URL: 'redis://127.0.0.1:9',
  };
  const child = spawn(process.execPath, [...JEST, ...specs], { env: { ...nowhere, ...env } });
  const [said] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode ?? -1, said };
}

const LINE =
  /^LEFT OUT: (\d+) tests in 2 files: no PostgreSQL at 127\.0\.0\.1:9 \(ECONNREFUSED\), no Redis at 127\.0\.0\.1:9 \(ECONNREFUSED\)(?:, no [\w-]+ on the PATH)+$/gm;

it.each<{ env: Record<string, string>; exitCode: number }>([
  { env: {}, exitCode: 0 },
  { env: { CI: 'true' }, exitCode: 1 },
])(
  'a run with $env says in one line what it left out and why, and exits $exitCode',
  async ({ env, exitCode }) => {
    const specs = ['test/integration/database-first-call.spec.ts', 'test/integration/probe-stores.spec.ts'];
    const { code, said } = await run(env, ...specs);
    const skipped = /^Tests: +(\d+) skipped/m.exec(said)?.[1];
    expect([code, [...said.matchAll(LINE)].map(([, count]) => count)]).toEqual([exitCode, [skipped]]);
  },
  60_000,
);

it('says nothing where nothing was left out, and prints the seed that repeats the run', async () => {
  const { code, said } = await run({ CI: 'true' }, 'test/fakes/fake-clock.spec.ts');
  expect([code, said.includes('LEFT OUT'), /^Seed: +7$/m.test(said)]).toEqual([0, false, true]);
}, 120_000);
