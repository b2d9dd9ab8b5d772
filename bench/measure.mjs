import { press } from './load.mjs';
import { CONNECTIONS, STREAMS_AT_ONCE } from './plan.mjs';
import { CHUNK_MARK, STREAM_CHUNKS } from './workload.mjs';

const WARM_UP_SLICE_SECONDS = 2;
/** A warm-up ends at the latest after this many times its seconds. */
const WARM_UP_PATIENCE = 5;

/** Presses a contender until its code is compiled: plain, then streamed for a third of the time where it has streams. */
export async function warmUp(contender, reader, { seconds, requests }, signal) {
  let answered = 0;
  for (let pressed = 0; pressed < seconds * WARM_UP_PATIENCE; pressed += WARM_UP_SLICE_SECONDS) {
    if (pressed >= seconds && answered >= requests) break;
    answered += (await press(contender, 32, WARM_UP_SLICE_SECONDS, signal)).requests;
  }
  if (seconds > 0 && contender.streamBody) await readStreams(contender, reader, STREAMS_AT_ONCE, seconds / 3);
}

/** One round of one contender: a sample of each number, of streams only where it has any. */
export async function measure(contender, reader, plan, signal) {
  const sample = {};
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
  return contender.streamBody ? { ...sample, ...(await measureStreams(contender, reader, plan)) } : sample;
}

async function measureStreams(contender, reader, plan) {
  const sample = {};
  const { cpu, result } = await withCpu(contender, () =>
    readStreams(contender, reader, STREAMS_AT_ONCE, plan.streamSeconds),
  );
  sample.chunksPerSecond = result.chunksPerSecond;
  if (cpu !== null) sample.cpuSecondsPer1000Streams = (cpu / result.streams) * 1000;
  const single = await readStreams(contender, reader, 1, plan.firstChunkSeconds);
  sample.firstChunkP50Ms = percentile(single.firstChunkMs, 50);
  sample.firstChunkP99Ms = percentile(single.firstChunkMs, 99);
  return sample;
}

async function withCpu(contender, run) {
  const before = contender.cpuSeconds();
  const result = await run();
  const after = contender.cpuSeconds();
  return { result, cpu: before === null || after === null ? null : after - before };
}

/** Reads streams for `seconds`, `connections` at once; a stream that is not whole fails the run. */
export function readStreams({ url, headers, streamBody }, reader, connections, seconds) {
  const { port, pathname } = new URL(url);
  return reader.next({
    port: Number(port),
    path: pathname,
    headers,
    body: streamBody,
    mark: CHUNK_MARK,
    chunks: STREAM_CHUNKS,
    connections,
    seconds,
  });
}

function percentile(values, percent) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))];
}
