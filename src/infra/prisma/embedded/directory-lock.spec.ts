import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDirectory } from './directory-lock.js';

describe('lockDirectory', () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'ai-providers-lock-'));
  });

  afterEach(() => rm(directory, { recursive: true }));

  it('never gives the directory to two that ask at the same moment, and is free again afterwards', async () => {
    const asked = await Promise.allSettled(Array.from({ length: 6 }, () => lockDirectory(directory)));
    const got = asked.filter((outcome) => outcome.status === 'fulfilled');
    expect(got.length).toBeLessThanOrEqual(1);
    for (const { value } of got) await value.release();
    const next = await lockDirectory(directory);
    await next.release();
  });

  it('refuses a directory that is held and names its holder in one line', async () => {
    const lock = await lockDirectory(directory);
    await expect(lockDirectory(directory)).rejects.toThrow(
      `The embedded database in ${directory} is in use by process ${process.pid};`,
    );
    await lock.release();
  });

  it('leaves nothing behind when it is released', async () => {
    const lock = await lockDirectory(directory);
    await lock.release();
    expect(await readdir(join(directory, 'postgres.lock'))).toEqual([]);
  });
});
