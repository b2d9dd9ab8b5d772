import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';

/** Runs `body` in a process of its own that has the last handler; `stop` says that it was stopped in order. */
function run(body: string): { status: number | null; stdout: string; stderr: string } {
  const script = `
    import { endOnFailure } from './dist/process-end.js';
    import { createLogger } from './dist/infra/logging/create-logger.js';
    const logger = createLogger({ level: 'info', json: true });
    const stop = () => { console.log('stopped'); return Promise.resolve(true); };
    endOnFailure((fields, line) => logger.fatal(fields, line), { stop });
    setTimeout(() => undefined, 20_000);
    ${body}`;
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 15_000,
  });
}

describe('endOnFailure', () => {
  it.each([
    ['an exception', "setTimeout(() => { throw new Error('bad key sk-proj-abcdefghijkl'); });"],
    ['a rejection', "void Promise.reject(new Error('bad key sk-proj-abcdefghijkl'));"],
    ['what is no error', "void Promise.reject('bad key sk-proj-abcdefghijkl');"],
  ])('logs %s that nobody caught without secrets, and stops in order', (_what, body) => {
    const { status, stdout, stderr } = run(body);
    expect(status).toBe(1);
    expect(stdout).toContain('bad key ***');
    expect(stdout).toContain('stopped');
    expect(stdout + stderr).not.toContain('abcdefghijkl');
  });
});
