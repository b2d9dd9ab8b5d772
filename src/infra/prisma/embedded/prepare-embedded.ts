import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import process from 'node:process';
import { promisify } from 'node:util';
import { packageRoot } from '../package-root.js';

/**
 * Makes the embedded database where there is none and applies the migrations that it lacks, in a process of its own: that
 * takes 900 MB for some seconds, of which WebAssembly would give nothing back. Throws an Error of one line.
 */
export async function prepareEmbedded(dataDir: string): Promise<void> {
  const directory = resolve(dataDir);
  const command = join(packageRoot(), 'dist', 'cli', 'migrate.js');
  try {
    await promisify(execFile)(process.execPath, [command], {
      // An `.env` of the working directory speaks of the service and not of this step.
      cwd: packageRoot(),
      env: { DATABASE_URL: '', AI_DATA_DIR: directory },
    });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    const [reason = ''] = stderr.trim().split('\n');
    throw new Error(reason || `The embedded database in ${directory} cannot be made`, { cause: error });
  }
}
