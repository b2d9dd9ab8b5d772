import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { portOrAny } from './ports.mjs';

/** Where the README's commands expect the service. */
const PORT = 3000;

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;

const PROGRAM = fileURLToPath(new URL('./service.process.mjs', import.meta.url));

/**
 * Starts the service in a process of its own on an empty data directory. Nothing of the caller's environment or `.env`
 * decides its settings but PORT (3000 where that is free) and REDIS_URL. `started` gives its URL, `ended` settles when it is gone; `stop` ends the process, ready
 * or not, and removes the directory.
 */
export async function startService() {
  const directory = mkdtempSync(join(tmpdir(), 'ai-providers-demo-'));
  const child = spawn(process.execPath, [PROGRAM], {
    cwd: directory,
    env: {
      PATH: process.env.PATH,
      AI_DATA_DIR: directory,
      PORT: process.env.PORT || String(await portOrAny(PORT)),
      REDIS_URL: process.env.REDIS_URL ?? '',
      LOG_LEVEL: 'info',
    },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl-C reaches a whole process group; the service is to be stopped once, by us.
    detached: true,
  });
  const ended = new Promise((resolve) => {
    child.once('exit', resolve);
    child.once('error', resolve);
  });
  return { started: listeningUrl(child), ended, stop: () => stop(child, ended, directory) };
}

async function stop(child, ended, directory) {
  if (child.exitCode === null && child.signalCode === null) {
    const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(impatience);
  }
  await rm(directory, { recursive: true, force: true });
}

/** The URL that the service logs once it is ready. What it prints later is read and dropped, so that it never blocks. */
function listeningUrl(child) {
  return new Promise((resolve, reject) => {
    let printed = '';
    const timer = setTimeout(
      () => reject(new Error(`The service did not start in time:\n${printed}`)),
      START_TIMEOUT_MS,
    );
    const settle = (settled, value) => {
      clearTimeout(timer);
      settled(value);
    };
    const read = (chunk) => {
      printed = (printed + chunk).slice(-20_000);
      const url = /Listening on (http:\/\/[^\s"]+)/.exec(printed)?.[1];
      if (url !== undefined) settle(resolve, url);
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', (error) => settle(reject, error));
    child.once('exit', () => settle(reject, new Error(`The service ended at its start:\n${printed}`)));
  });
}
