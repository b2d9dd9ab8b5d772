// node bench/profile.mjs [--stream | --hits memory | --hits redis] [--seconds N] [--out FILE]: what the service's CPU goes to
// under 32 connections.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { startContenders } from './contenders.mjs';
import { startHitContenders } from './hit-contenders.mjs';
import { press } from './load.mjs';
import { readStreams, warmUp } from './measure.mjs';
import { PLANS, STREAMS_AT_ONCE } from './plan.mjs';
import { costs, linesOf } from './profile-reader.mjs';

const { values: options } = parseArgs({
  options: {
    stream: { type: 'boolean' },
    hits: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    out: { type: 'string', default: 'bench/results/service.cpuprofile' },
  },
});
const seconds = Number(options.seconds);
const file = resolve(options.out);

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => stopped.abort(new Error('Stopped')));

mkdirSync(dirname(file), { recursive: true });
const profiler = new URL('./processes/profile-on-request.mjs', import.meta.url).href;
const nodeArgs = ['--import', profiler];
const field = options.hits
  ? await startHitContenders({ nodeArgs })
  : await startContenders({ serviceNodeArgs: nodeArgs });
try {
  const { readers, services } = field;
  const service = options.hits === 'redis' ? services[1] : services[0];
  const measured = options.hits ? `${options.hits}Hits` : 'service';
  const contender = field.contenders.find(({ name }) => name === measured);
  await warmUp(contender, readers, PLANS.full.warmUp, stopped.signal);
  await service.child.next({ start: true });
  const answered = options.stream
    ? (await readStreams(contender, readers, STREAMS_AT_ONCE, seconds)).streams
    : (await press(contender, 32, seconds, stopped.signal)).requests;
  await service.child.next({ stop: file });
  process.stdout.write(linesOf(costs(JSON.parse(readFileSync(file, 'utf8'))), answered));
} finally {
  await field.stop();
}
