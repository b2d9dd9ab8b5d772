// node bench/workers.mjs [--quick] [--json FILE]: the service with two workers beside the same with one, each pressed in turn.
// Each worker gets a quarter of a core where this machine allows that, so that upstream, wrk, Redis and PostgreSQL have cores
// enough; where it does not, they take their share of the cores from the workers. Both have Redis.
import { parseArgs } from 'node:util';
import { programAt, startNode } from './child-process.mjs';
import { canLimitCpu, limitCpu } from './cpu-share.mjs';
import { press } from './load.mjs';
import { startRedis } from './redis.mjs';
import { summarise, tableOf, writeJson } from './report.mjs';
import { startService } from './service.mjs';
import { NATIVE_BODY } from './workload.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const [ROUNDS, SECONDS] = options.quick ? [3, 3] : [5, 5];
const CONNECTIONS = 64;
/** Of a core, for each worker. */
const WORKER_SHARE = 0.25;
/** Requests for each process until its code is compiled. */
const WARM_UP_REQUESTS = 15_000;

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => stopped.abort(new Error('Stopped')));

const stops = [];
try {
  const upstream = startNode(programAt('./processes/upstream.mjs'));
  stops.push(() => upstream.stop());
  const upstreamUrl = `http://127.0.0.1:${(await upstream.next()).port}`;
  const contenders = [];
  for (const workers of [1, 2]) {
    const redis = await startRedis(null);
    stops.push(redis.stop);
    const service = await startService({
      upstreamUrl,
      redisUrl: redis.url,
      workers,
      cores: null,
      databaseCores: null,
    });
    stops.push(service.stop);
    contenders.push({ ...service, name: `workers${workers}`, workers, body: NATIVE_BODY });
  }
  const summaries = await compared(contenders);
  const ratio = (name) => summaries.workers2[name].median / summaries.workers1[name].median;
  const ratios = { rps: ratio('rps'), cpu: ratio('cpuSecondsPer1000') };
  process.stdout.write(`${tableOf(summaries)}\nrps ${ratios.rps.toFixed(2)}, CPU ${ratios.cpu.toFixed(2)}\n`);
  writeJson(options.json, { ratios, summaries });
} finally {
  for (const stop of stops.reverse()) await stop();
}

async function compared(contenders) {
  const samples = Object.fromEntries(contenders.map(({ name }) => [name, []]));
  for (const contender of contenders) {
    for (let answered = 0; answered < WARM_UP_REQUESTS * contender.workers;)
      answered += (await press(contender, CONNECTIONS, 2, stopped.signal)).requests;
  }
  if (canLimitCpu()) contenders.forEach(limit);
  else process.stderr.write('The workers share the cores with what loads them\n');
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of round % 2 === 0 ? contenders : [...contenders].reverse()) {
      const before = contender.child.cpuSecondsOfAll();
      const { requests, requestsPerSecond, p50Ms, p99Ms } = await press(
        contender,
        CONNECTIONS,
        SECONDS,
        stopped.signal,
      );
      const cpu = contender.child.cpuSecondsOfAll() - before;
      samples[contender.name].push({
        rps: requestsPerSecond,
        p50Ms,
        p99Ms,
        cpuSecondsPer1000: (cpu / requests) * 1000,
      });
      process.stderr.write(`${contender.name}: ${requestsPerSecond.toFixed(0)} requests/s\n`);
      contender.forgetLog();
    }
  }
  return Object.fromEntries(Object.entries(samples).map(([name, taken]) => [name, summarise(taken)]));
}

function limit({ child, workers }) {
  const [first, ...others] = workers === 1 ? [] : child.children();
  // The primary, which hands the connections out, has no share of its own.
  const groups = [first === undefined ? [child.pid] : [child.pid, first], ...others.map((pid) => [pid])];
  const removals = groups.map((pids) => limitCpu(pids, WORKER_SHARE));
  // Ended last: a group that has a process cannot be removed.
  stops.unshift(() => removals.forEach((remove) => remove()));
}
