import { access, constants, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../config/config.error.js';

/**
 * Makes the data directory where it is missing, for its owner alone, and keeps what is in it out of Git.
 * @throws ConfigError that names the variable where it cannot be made or written
 */
export async function makeDataDirectory(path: string): Promise<void> {
  try {
    const made = await mkdir(path, { recursive: true, mode: 0o700 });
    // One that was there may be an operator's own, with a file of that name or without.
    if (made !== undefined) await writeFile(join(path, '.gitignore'), '*\n', { mode: 0o600 });
    await access(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    throw new ConfigError([`AI_DATA_DIR: expected a folder that can be made and written; ${path}: ${code}`]);
  }
}
