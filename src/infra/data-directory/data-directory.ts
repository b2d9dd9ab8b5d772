import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes the data directory where it is missing, for its owner alone, and keeps what is in it out of Git. */
export async function makeDataDirectory(path: string): Promise<void> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  // One that was there may be an operator's own, with a file of that name or without.
  if (made !== undefined) await writeFile(join(path, '.gitignore'), '*\n', { mode: 0o600 });
}
