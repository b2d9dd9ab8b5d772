// npm run bench [-- --quick | --smoke] [-- --json FILE]: the service beside a bare Fastify + undici proxy and Portkey's
// gateway, in turn.
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { CORES } from './child-process.mjs';
import { startContenders } from './contenders.mjs';
import { LOAD_GENERATOR } from './load.mjs';
import { measure, warmUp } from './measure.mjs';
import { PLANS } from './plan.mjs';
import { besideBareProxy, ratiosOf, ratioTable, summarise, tableOf } from './report.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, smoke: { type: 'boolean' }, json: { type: 'string' } },
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
  const field = await startContenders({ withPortkey: plan.withPortkey });
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
  const ratios = ratiosOf(summaries);
  const beside = besideBareProxy(summaries);
  process.stdout.write(
    `\n${tableOf(summaries)}\n${ratioTable('service against others', ratios)}\n` +
      ratioTable('service beside bareProxy', beside),
  );
  if (mode !== 'smoke') warnOfBottleneck(summaries);
  if (options.json !== undefined)
    writeReport({ ratios, besideBareProxy: beside, raw: { setting: settingOf(field), summaries, samples } });
}

async function allRounds({ contenders, reader, service }, plan, samples) {
  for (const contender of contenders) {
    say(`warming up ${contender.name}`);
    await warmUp(contender, reader, plan.warmUp, stopped.signal);
  }
  for (let round = 0; round < plan.rounds; round++) {
    // Whoever goes first in one round goes last in the next, so that a drift of the machine favours nobody.
    for (const contender of round % 2 === 0 ? contenders : [...contenders].reverse()) {
      stopped.signal.throwIfAborted();
      say(`round ${round + 1} of ${plan.rounds}: ${contender.name}`);
      samples[contender.name].push(await measure(contender, reader, plan, stopped.signal));
    }
    service.forgetLog();
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

function settingOf({ service }) {
  return {
    mode,
    date: new Date().toISOString(),
    node: process.version,
    cpu: cpus()[0]?.model,
    cores: availableParallelism(),
    pinned: CORES,
    loadGenerator: LOAD_GENERATOR,
    database: service.database,
    loadAverageAtEnd: loadavg()[0],
  };
}

function writeReport(report) {
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(report, null, 2)}\n`);
  say(`\nwritten to ${options.json}`);
}
