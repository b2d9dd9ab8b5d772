// node bench/unread-readers.mjs [--json FILE]: what callers do to the service who ask for endless streams and read nothing:
// how far its memory grows, how long it takes to say that it lives, and how long they count as in flight after they hung up.
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { CORES, programAt, startNode } from './child-process.mjs';
import { writeJson } from './report.mjs';
import { startService } from './service.mjs';
import { NATIVE_STREAM_BODY } from './workload.mjs';

const { values: options } = parseArgs({
  options: { json: { type: 'string' }, readers: { type: 'string', default: '200' } },
});

const MB = 1_000_000;
const READERS = Number(options.readers);
/** For so long they do not read. */
const HOLD_MS = 10_000;
const SAMPLE_EVERY_MS = 250;
const GONE_WITHIN_MS = 10_000;
/** Characters of a chunk: a token, and a long piece of text. */
const CHUNKS = { token: 5, paragraph: 1_000 };

const numbers = {};
for (const [name, characters] of Object.entries(CHUNKS)) {
  const pace = JSON.stringify({ everyMs: 0, chunks: 1_000_000_000, characters });
  const upstream = startNode(programAt('./processes/paced-upstream.mjs'), {
    cores: CORES.load,
    args: [pace],
  });
  let service;
  try {
    const { port } = await upstream.next();
    service = await startService({ upstreamUrl: `http://127.0.0.1:${port}`, cacheSeconds: 300 });
    for (const [what, value] of Object.entries(await measure(service))) numbers[`${name}.${what}`] = value;
  } finally {
    await service?.stop();
    await upstream.stop();
  }
}
for (const [name, value] of Object.entries(numbers))
  process.stdout.write(`${name.padEnd(28)} ${value.toFixed(1)}\n`);
writeJson(options.json, numbers);

async function measure({ url, headers, adminHeaders, child }) {
  // Compiled code and a connection each are not the unread streams'.
  for (const socket of await unread(url, headers, 1)) socket.destroy();
  const before = residentBytes(child.pid);
  let peak = before;
  let slowest = 0;
  const sockets = await unread(url, headers, READERS, async () => {
    const asked = performance.now();
    await fetch(new URL('/api/health/live', url), { signal: AbortSignal.timeout(30_000) });
    slowest = Math.max(slowest, performance.now() - asked);
    peak = Math.max(peak, residentBytes(child.pid));
  });
  for (const socket of sockets) socket.destroy();
  const left = performance.now();
  while ((await inFlight(url, adminHeaders)) > 0 && performance.now() - left < GONE_WITHIN_MS)
    await delay(50);
  return {
    'growth MB': (peak - before) / MB,
    'slowest /health/live ms': slowest,
    'gone after ms': performance.now() - left,
  };
}

/** Opens so many streams, each of another prompt, and reads none of them; gives their sockets after `HOLD_MS`. */
async function unread(url, headers, count, look = () => Promise.resolve()) {
  const { hostname, port, pathname } = new URL(url);
  const sockets = Array.from({ length: count }, (_, index) => {
    const body = NATIVE_STREAM_BODY.replace('Explain', `${index} Explain`);
    const socket = connect(Number(port), hostname).pause();
    socket.on('error', () => socket.destroy());
    const head = { host: `${hostname}:${port}`, 'content-type': 'application/json', ...headers };
    const lines = Object.entries({ ...head, 'content-length': Buffer.byteLength(body) });
    socket.write(`POST ${pathname} HTTP/1.1\r\n`);
    socket.write(`${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
    return socket;
  });
  for (const until = performance.now() + HOLD_MS; performance.now() < until; await delay(SAMPLE_EVERY_MS))
    await look();
  return sockets;
}

async function inFlight(url, headers) {
  const text = await (await fetch(new URL('/api/metrics', url), { headers })).text();
  const found = /^ai_providers_requests_in_flight(?:\{[^}]*\})? (\d+)/m.exec(text);
  if (!found) throw new Error(`No gauge of requests in flight: ${text.slice(0, 200)}`);
  return Number(found[1]);
}

function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}
