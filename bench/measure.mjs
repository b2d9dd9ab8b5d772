import { press } from './load.mjs';
import { CONNECTIONS, STREAMS_AT_ONCE, TAIL_CONNECTIONS } from './plan.mjs';
import { CHUNK_MARK, STREAM_CHUNKS } from './workload.mjs';

const WARM_UP_SLICE_SECONDS = 2;
/** A warm-up ends at the latest after this many times its seconds. */
const WARM_UP_PATIENCE = 5;

/** Presses a contender until its code is compiled: plain, then streamed for a third of the time where there is a reader. */
export async function warmUp(contender, readers, { seconds, requests }, signal) {
  let answered = 0;
  for (let pressed = 0; pressed < seconds * WARM_UP_PATIENCE; pressed += WARM_UP_SLICE_SECONDS) {
    if (pressed >= seconds && answered >= requests) break;
    answered += (await press(contender, 32, WARM_UP_SLICE_SECONDS, signal)).requests;
  }
  if (seconds > 0 && readers) await readStreams(contender, readers, STREAMS_AT_ONCE, seconds / 3);
}

/** One round of one contender: a sample of each number, of the tail and of streams only where there are readers for them. */
export async function measure(contender, readers, plan, signal) {
  const sample = {};
  // It has waited for the others meanwhile, and the first seconds after a pause are dearer.
  if (plan.warmAgainSeconds > 0) await press(contender, 32, plan.warmAgainSeconds, signal);
  for (const connections of CONNECTIONS) {
    const { cpu, result } = await withCpu(contender, () =>
      press(contender, connections, plan.plainSeconds, signal),
    );
    const at = `c${connections}`;
    sample[`rps.${at}`] = result.requestsPerSecond;
    sample[`p50Ms.${at}`] = result.p50Ms;
    sample[`p99Ms.${at}`] = result.p99Ms;
    if (cpu !== null) sample[`cpuSecondsPer1000.${at}`] = (cpu / result.requests) * 1000;
  }
  if (!readers) return sample;
  return {
    ...sample,
    ...(await measureTail(contender, readers, plan)),
    ...(await measureStreams(contender, readers, plan)),
  };
}

/** What requests wait on connections that are open already, and how long it takes until as many new ones have had an answer. */
async function measureTail({ url, headers, body }, readers, { tailSeconds }) {
  const { port, pathname } = new URL(url);
  const { waitsMs, allAnsweredMs } = await readers.plain.next({
    port: Number(port),
    path: pathname,
    headers,
    body,
    connections: TAIL_CONNECTIONS,
    seconds: tailSeconds,
  });
  const at = `c${TAIL_CONNECTIONS}`;
  return {
    [`openP50Ms.${at}`]: percentile(waitsMs, 50),
    [`openP99Ms.${at}`]: percentile(waitsMs, 99),
    [`newAnsweredMs.${at}`]: allAnsweredMs,
  };
}

async function measureStreams(contender, readers, plan) {
  const sample = {};
  const { cpu, result } = await withCpu(contender, () =>
    readStreams(contender, readers, STREAMS_AT_ONCE, plan.streamSeconds),
  );
  sample.chunksPerSecond = result.chunksPerSecond;
  if (cpu !== null) sample.cpuSecondsPer1000Streams = (cpu / result.streams) * 1000;
  const single = await readStreams(contender, readers, 1, plan.firstChunkSeconds);
  sample.firstChunkP50Ms = percentile(single.firstChunkMs, 50);
  sample.firstChunkP99Ms = percentile(single.firstChunkMs, 99);
  return sample;
}

/** What `run` gives, and the CPU seconds that the contender took meanwhile; null where they are not known. */
export async function withCpu(contender, run) {
  const before = contender.cpuSeconds();
  const result = await run();
  const after = contender.cpuSeconds();
  return { result, cpu: before === null || after === null ? null : after - before };
}

/** Reads streams for `seconds`, `connections` at once; a stream that is not whole fails the run. */
export function readStreams(
  { url, headers, streamBody },
  readers,
  connections,
  seconds,
  chunks = STREAM_CHUNKS,
) {
  const { port, pathname } = new URL(url);
  return readers.streams.next({
    port: Number(port),
    path: pathname,
    headers,
    body: streamBody,
    mark: CHUNK_MARK,
    chunks,
    connections,
    seconds,
  });
}

function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}
