import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { CORES, freePort, onCores } from './child-process.mjs';

const STOP_TIMEOUT_MS = 5_000;

/** A Redis of the bench's own, in memory alone, on `cores`. */
export async function startRedis(cores = CORES.load) {
  const port = await freePort();
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const child = spawn(...onCores(cores, 'redis-server', args), { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  for await (const printed of child.stdout) {
    if (String(printed).includes('Ready to accept connections')) break;
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    stop: async () => {
      child.kill('SIGTERM');
      await Promise.race([ended, delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    },
  };
}
