import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { CORES, has, onCores, programAt } from './child-process.mjs';

/** What presses: wrk where it is installed; autocannon, which is itself a Node program and no match for a fast server, else. */
export const LOAD_GENERATOR = has('wrk') ? 'wrk' : 'autocannon';

/**
 * Presses `target` for whole `seconds` over `connections`. Gives requests a second, p50 and p99 in ms.
 * @throws when a single request failed: a bench of errors measures nothing.
 */
export async function press(target, connections, seconds, signal) {
  const result = await (LOAD_GENERATOR === 'wrk' ? wrk : autocannon)(target, connections, seconds, signal);
  if (result.failed > 0 || result.requests === 0) {
    throw new Error(`${target.name}: ${result.failed} of ${result.requests} requests failed`);
  }
  return result;
}

async function wrk({ url, body, headers }, connections, seconds, signal) {
  const printed = await run(
    'wrk',
    ['-t1', `-c${connections}`, `-d${seconds}s`, '--timeout', '10s', '-s', programAt('./load.lua'), url],
    {
      BENCH_BODY: body,
      BENCH_HEADERS: Object.entries(headers)
        .map(([name, value]) => `${name}: ${value}\n`)
        .join(''),
    },
    signal,
  );
  const line = /^BENCH (.*)$/m.exec(printed)?.[1];
  if (line === undefined) throw new Error(`wrk reported nothing:\n${printed}`);
  const { requests, durationUs, p50Us, p99Us, failed } = JSON.parse(line);
  return {
    requests,
    failed,
    requestsPerSecond: requests / (durationUs / 1e6),
    p50Ms: p50Us / 1000,
    p99Ms: p99Us / 1000,
  };
}

async function autocannon({ url, body, headers }, connections, seconds, signal) {
  const program = fileURLToPath(import.meta.resolve('autocannon'));
  const sent = Object.entries({ 'content-type': 'application/json', ...headers });
  const printed = await run(
    process.execPath,
    [
      program,
      ...['--json', '--no-progress', '-m', 'POST', '-c', `${connections}`, '-d', `${seconds}`, '-b', body],
      ...sent.flatMap(([name, value]) => ['-H', `${name}=${value}`]),
      url,
    ],
    {},
    signal,
  );
  const { requests, latency, duration, errors, non2xx } = JSON.parse(printed);
  return {
    requests: requests.total,
    failed: errors + non2xx,
    requestsPerSecond: requests.total / duration,
    p50Ms: latency.p50,
    p99Ms: latency.p99,
  };
}

function run(command, args, env, signal) {
  return new Promise((resolve, reject) => {
    const child = spawn(...onCores(CORES.load, command, args), {
      env: { PATH: process.env.PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      signal,
    });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (printed += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (printed += text));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve(printed) : reject(new Error(`${command} failed:\n${printed}`)),
    );
  });
}
