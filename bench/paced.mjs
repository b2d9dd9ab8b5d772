// node bench/paced.mjs [--quick] [--json FILE]: 128 streams at once from an upstream that sends a chunk every 10 ms: how much of
// the rate at which the upstream itself is read each contender keeps up with, and what it costs.
import { parseArgs } from 'node:util';
import { startContenders } from './contenders.mjs';
import { readStreams, withCpu } from './measure.mjs';
import { summarise, tableOf, writeJson } from './report.mjs';

const { values: options } = parseArgs({ options: { quick: { type: 'boolean' }, json: { type: 'string' } } });
const [ROUNDS, SECONDS] = options.quick ? [3, 3] : [5, 5];
const STREAMS = 128;
const PACE = { everyMs: 10, chunks: 100 };
const WARM_UP_SECONDS = 5;

const field = await startContenders({ withPortkey: true, pace: PACE });
const samples = Object.fromEntries(field.contenders.map(({ name }) => [name, []]));
try {
  for (const contender of field.contenders) await read(contender, WARM_UP_SECONDS);
  for (let round = 0; round < ROUNDS; round++) {
    for (const contender of field.contenders) samples[contender.name].push(await measured(contender));
    const rateOf = (name) => samples[name].at(-1).chunksPerSecond;
    for (const { name } of field.contenders)
      samples[name].at(-1).shareOfUpstream = rateOf(name) / rateOf('upstream');
  }
} finally {
  await field.stop();
}
const summaries = Object.fromEntries(
  Object.entries(samples).map(([name, taken]) => [name, summarise(taken)]),
);
process.stdout.write(tableOf(summaries));
writeJson(options.json, { summaries, samples });

async function measured(contender) {
  const { cpu, result } = await withCpu(contender, () => read(contender, SECONDS));
  return {
    chunksPerSecond: result.chunksPerSecond,
    ...(cpu !== null && { cpuSecondsPer1000Streams: (cpu / result.streams) * 1000 }),
  };
}

function read(contender, seconds) {
  return readStreams(contender, field.readers, STREAMS, seconds, PACE.chunks);
}
