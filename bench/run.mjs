// npm run bench [-- --quick | --smoke] [--only proxies | hits] [--json FILE]: the service beside a bare Fastify + undici proxy
// and Portkey's gateway, in turn, and its cache hits beside routes that return a constant.
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { CORES } from './child-process.mjs';
import { startContenders } from './contenders.mjs';
import { LOAD_GENERATOR } from './load.mjs';
import { startHitContenders } from './hit-contenders.mjs';
import { measure, warmUp } from './measure.mjs';
import { PLANS } from './plan.mjs';
import {
  besideBareProxy,
  hitRatiosOf,
  ratiosOf,
  ratioTable,
  summarise,
  tableOf,
  writeJson,
} from './report.mjs';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    smoke: { type: 'boolean' },
    only: { type: 'string' },
    json: { type: 'string' },
  },
});
const mode = options.smoke ? 'smoke' : options.quick ? 'quick' : 'full';

const stopped = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => stopped.abort(new Error('Stopped')));
const say = (text) => process.stderr.write(`${text}\n`);

try {
  await bench(PLANS[mode]);
} catch (error) {
  say(stopped.signal.aborted ? 'Stopped' : (error?.stack ?? String(error)));
  process.exitCode = stopped.signal.aborted ? 130 : 1;
}

async function bench(plan) {
  say(
    `${mode} run: ${plan.rounds} round(s); load by ${LOAD_GENERATOR}; load average ${loadavg()[0].toFixed(2)}`,
  );
  const report = { ratios: {}, besideBareProxy: {}, raw: { summaries: {}, samples: {} } };
  if (options.only !== 'hits') {
    const field = await startContenders({ withPortkey: plan.withPortkey });
    report.raw.setting = settingOf(field);
    const summaries = await compare(field, plan, report);
    report.besideBareProxy = besideBareProxy(summaries);
    print(summaries, report, 'service against others', ratiosOf(summaries));
    process.stdout.write(ratioTable('service beside bareProxy', report.besideBareProxy));
    if (mode !== 'smoke') warnOfBottleneck(summaries);
  }
  if (options.only !== 'proxies') {
    const field = await startHitContenders();
    report.raw.setting ??= settingOf(field);
    const summaries = await compare(field, plan, report);
    print(summaries, report, 'cache hits against routes', hitRatiosOf(summaries));
  }
  report.raw.setting.loadAverageAtEnd = loadavg()[0];
  if (options.json !== undefined) writeReport(report);
}

function print(summaries, report, title, ratios) {
  Object.assign(report.ratios, ratios);
  process.stdout.write(`\n${tableOf(summaries)}\n${ratioTable(title, ratios)}\n`);
}

/** Measures everyone of a field and stops it; gives the medians, and adds them and the samples to the report. */
async function compare(field, plan, { raw }) {
  const samples = Object.fromEntries(field.contenders.map(({ name }) => [name, []]));
  try {
    const measured = allRounds(field, plan, samples);
    await Promise.race([measured, stop(measured)]);
  } finally {
    await field.stop();
  }
  const summaries = Object.fromEntries(
    Object.entries(samples).map(([name, taken]) => [name, summarise(taken)]),
  );
  Object.assign(raw.summaries, summaries);
  Object.assign(raw.samples, samples);
  return summaries;
}

async function allRounds({ contenders, readers, services }, plan, samples) {
  for (const contender of contenders) {
    say(`warming up ${contender.name}`);
    await warmUp(contender, readers, plan.warmUp, stopped.signal);
  }
  for (let round = 0; round < plan.rounds; round++) {
    // Whoever goes first in one round goes last in the next, so that a drift of the machine favours nobody.
    for (const contender of round % 2 === 0 ? contenders : [...contenders].reverse()) {
      stopped.signal.throwIfAborted();
      say(`round ${round + 1} of ${plan.rounds}: ${contender.name}`);
      samples[contender.name].push(await measure(contender, readers, plan, stopped.signal));
    }
    for (const service of services) service.forgetLog();
  }
}

/** Rejects as soon as the run is to stop; what was under way may then fail. */
function stop(measured) {
  return new Promise((_, reject) => {
    stopped.signal.addEventListener('abort', () => {
      measured.catch(() => undefined);
      reject(stopped.signal.reason);
    });
  });
}

/** Whether what answers and presses was fast enough for what it measured. */
function warnOfBottleneck({ upstream, ...others }) {
  for (const name of ['rps.c32', 'rps.c128', 'chunksPerSecond']) {
    const fastest = Math.max(...Object.values(others).map((contender) => contender[name].median));
    if (upstream[name].median < 2 * fastest) {
      say(
        `${name}: the upstream or the load generator is less than twice as fast as what was measured with it`,
      );
    }
  }
}

function settingOf({ services: [service] }) {
  return {
    mode,
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    pinned: CORES,
    loadGenerator: LOAD_GENERATOR,
    database: service.database,
  };
}

function writeReport(report) {
  writeJson(options.json, report);
  say(`\nwritten to ${options.json}`);
}
