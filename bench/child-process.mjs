import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 10_000;

const END_WITH_PARENT = new URL('./processes/end-with-parent.mjs', import.meta.url).href;

export const programAt = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What runs where: the measured server has the last core to itself, everything that serves or loads it has the others. */
export const CORES = coresByRole();

function coresByRole() {
  const count = availableParallelism();
  if (count < 2 || !has('taskset')) return { server: null, load: null };
  return { server: `${count - 1}`, load: count === 2 ? '0' : `0-${count - 2}` };
}

/** Whether a command is installed. */
export function has(command) {
  try {
    execFileSync('which', [command], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** A port that nobody listens on, for a program that cannot choose one itself. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** A command as it is to be spawned to run on `cores`. */
export function onCores(cores, command, args) {
  return cores === null ? [command, args] : ['taskset', ['-c', cores, command, ...args]];
}

/**
 * Starts a Node program in a process of its own. `next` waits for a message from it; `cpuSeconds` is what it has used so
 * far, all threads together; `stop` ends it. It also ends with this process.
 */
export function startNode(
  program,
  { args = [], nodeArgs = [], cores = null, env = {}, cwd, outputFile } = {},
) {
  const output = outputFile === undefined ? 'ignore' : openSync(outputFile, 'a');
  const command = onCores(cores, process.execPath, [
    '--import',
    END_WITH_PARENT,
    ...nodeArgs,
    program,
    ...args,
  ]);
  const child = spawn(...command, {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', output, 'pipe', 'ipc'],
    // Ctrl-C reaches a whole process group; these are to be stopped once, by us.
    detached: true,
  });
  if (typeof output === 'number') closeSync(output);
  let complaints = '';
  child.stderr.setEncoding('utf8').on('data', (text) => (complaints = (complaints + text).slice(-4000)));
  const ended = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  return {
    pid: child.pid,
    next: (message) => nextMessage(child, message, () => complaints),
    complaints: () => complaints,
    hasEnded: () => hasEnded(child),
    cpuSeconds: () => cpuSecondsOf(child.pid),
    /** The processes that it has started and that are running. */
    children: () => childrenOf(child.pid),
    /** CPU seconds of the processes that it has started and that are running, itself included. */
    cpuSecondsOfAll: () =>
      [child.pid, ...childrenOf(child.pid)].reduce((sum, pid) => sum + cpuSecondsOf(pid), 0),
    stop: () => stop(child, ended),
  };
}

/** Sends `message`, if any, and gives what the process says next. */
function nextMessage(child, message, complaints) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => settle(reject, new Error('A process of the bench did not answer')),
      START_TIMEOUT_MS,
    );
    const settle = (settled, value) => {
      clearTimeout(timer);
      child.removeListener('message', onMessage);
      child.removeListener('exit', onExit);
      settled(value);
    };
    const onMessage = (answer) =>
      answer.error === undefined ? settle(resolve, answer) : settle(reject, new Error(answer.error));
    const onExit = () => settle(reject, new Error(`A process of the bench ended early\n${complaints()}`));
    if (hasEnded(child)) onExit();
    child.once('message', onMessage);
    child.once('exit', onExit);
    if (message !== undefined && child.connected) child.send(message);
  });
}

function hasEnded({ exitCode, signalCode }) {
  return exitCode !== null || signalCode !== null;
}

async function stop(child, ended) {
  if (hasEnded(child)) return;
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
  child.kill('SIGTERM');
  await ended;
  clearTimeout(impatience);
}

/** User and system time by /proc/<pid>/stat (proc(5): fields 14 and 15, in ticks of 1/100 s); null where there is no /proc. */
function cpuSecondsOf(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** The processes that the main thread of one has started (proc(5)). */
function childrenOf(pid) {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
}
