// node bench/footprint.mjs [--quick] [--json FILE]: what the service holds and how soon it answers: time from its start to its
// first answer, memory idle and after 20,000 and 200,000 requests.
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startContenders } from './contenders.mjs';
import { press } from './load.mjs';
import { writeJson } from './report.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const [FEW, MANY] = options.quick ? [20_000, 60_000] : [20_000, 200_000];
const CONNECTIONS = 32;
const SLICE_SECONDS = 2;
/** After load, for what is under way to be stored and what is garbage to be collected. */
const SETTLE_MS = 3_000;

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => stopped.abort(new Error('Stopped')));

const field = await startContenders();
try {
  const numbers = await measured(field);
  for (const [name, value] of Object.entries(numbers))
    process.stdout.write(`${name.padEnd(28)} ${value.toFixed(1)}\n`);
  writeJson(options.json, numbers);
} finally {
  await field.stop();
}

async function measured({ contenders, services: [service] }) {
  const target = contenders.find(({ name }) => name === 'service');
  const rss = () => residentMiB(service.child.pid);
  await answered(target);
  const numbers = { startToFirstAnswerMs: performance.now() - service.startedAt };
  await delay(SETTLE_MS);
  numbers.idleMiB = rss();
  let pressed = 0;
  for (const count of [FEW, MANY]) {
    while (pressed < count)
      pressed += (await press(target, CONNECTIONS, SLICE_SECONDS, stopped.signal)).requests;
    service.forgetLog();
    await delay(SETTLE_MS);
    numbers[`after${count}MiB`] = rss();
  }
  numbers.growthPercent = (numbers[`after${MANY}MiB`] / numbers[`after${FEW}MiB`] - 1) * 100;
  return numbers;
}

async function answered({ url, headers, body }) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  if (!response.ok) throw new Error(`The first request was answered ${response.status}`);
  await response.text();
}

function residentMiB(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
}
