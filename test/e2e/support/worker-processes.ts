import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';

/** The ids of the workers of a primary that run now, oldest first. */
export async function workersOf(primary: number): Promise<number[]> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=,stat=']);
    return stdout
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, parent, state]) => Number(parent) === primary && !state?.startsWith('Z'))
      .map(([pid]) => Number(pid));
  } catch (error) {
    throw new Error('ps, which tells the processes, is missing', { cause: error });
  }
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
