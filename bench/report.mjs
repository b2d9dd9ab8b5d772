import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The middle of the samples, and how far the outer ones lie apart, in percent of it. */
export function summarise(samples) {
  const names = [...new Set(samples.flatMap((sample) => Object.keys(sample)))];
  return Object.fromEntries(
    names.map((name) => {
      const values = samples.map((sample) => sample[name]).sort((a, b) => a - b);
      const middle = median(values);
      return [name, { median: middle, spreadPercent: ((values.at(-1) - values[0]) / middle) * 100 }];
    }),
  );
}

function median(sorted) {
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/** Connections at which throughput is compared. */
const COMPARED = [32, 128];

/**
 * The service against the others, of medians; those against Portkey only where it ran. What is called added is measured
 * over calling the upstream directly with one connection; CPU is that of a plain request at 32 connections.
 */
export function ratiosOf({ upstream, bareProxy, portkey, service }) {
  const to = (other) => (name) => service[name].median / other[name].median;
  const throughput = (other) =>
    Object.fromEntries(COMPARED.map((count) => [`c${count}`, to(other)(`rps.c${count}`)]));
  const added = (name) =>
    (service[name].median - upstream[name].median) / (portkey[name].median - upstream[name].median);
  const hasCpu = service['cpuSecondsPer1000.c32'] !== undefined;
  return {
    ...(portkey && {
      rpsVsPortkey: throughput(portkey),
      ...(hasCpu && { cpuVsPortkey: to(portkey)('cpuSecondsPer1000.c32') }),
    }),
    rpsVsBareProxy: throughput(bareProxy),
    ...(portkey && {
      addedP50VsPortkey: added('p50Ms.c1'),
      addedP99VsPortkey: added('p99Ms.c1'),
      chunksVsPortkey: to(portkey)('chunksPerSecond'),
    }),
  };
}

/**
 * What else is to be known of the service beside the bare proxy, of medians. `tailAtC128` is p99 by p50 of each on open
 * connections: wrk's own p99 in a short run is the wait of new ones to be taken in.
 */
export function besideBareProxy({ bareProxy, service }) {
  const ratio = (name) => service[name].median / bareProxy[name].median;
  const tail = (contender) => contender['openP99Ms.c128'].median / contender['openP50Ms.c128'].median;
  const hasCpu = service['cpuSecondsPer1000.c32'] !== undefined;
  return {
    ...(hasCpu && {
      cpu: Object.fromEntries(COMPARED.map((count) => [`c${count}`, ratio(`cpuSecondsPer1000.c${count}`)])),
      streamCpu: ratio('cpuSecondsPer1000Streams'),
    }),
    tailAtC128: { service: tail(service), bareProxy: tail(bareProxy) },
    chunks: ratio('chunksPerSecond'),
    firstChunkAddedMs: service.firstChunkP50Ms.median - bareProxy.firstChunkP50Ms.median,
  };
}

/**
 * Cache hits against Fastify routes that return a constant as long, from memory and by a bare Redis GET, of medians:
 * requests a second at 32 connections, CPU of a request there, and what one connection waits. The latter two only where
 * there was a Redis.
 */
export function hitRatiosOf({ constantRoute, memoryHits, redisGetRoute, redisHits }) {
  const against = (hits, route) => (name) => hits[name].median / route[name].median;
  const ofMemory = against(memoryHits, constantRoute);
  const hasCpu = memoryHits['cpuSecondsPer1000.c32'] !== undefined;
  const ofRedis = redisHits && against(redisHits, redisGetRoute);
  return {
    hitsVsConstant: ofMemory('rps.c32'),
    ...(hasCpu && { hitsCpuVsConstant: ofMemory('cpuSecondsPer1000.c32') }),
    ...(redisHits && {
      redisHitsVsGet: ofRedis('rps.c32'),
      ...(hasCpu && { redisHitsCpuVsGet: ofRedis('cpuSecondsPer1000.c32') }),
      redisHitsP50VsGet: ofRedis('p50Ms.c1'),
    }),
  };
}

/** Medians as a table, one line a number, each with the spread of its samples. */
export function tableOf(summaries) {
  const contenders = Object.keys(summaries);
  const names = Object.keys(summaries[contenders[0]]);
  const rows = names.map((name) => [
    name,
    ...contenders.map((contender) => cell(summaries[contender][name])),
  ]);
  return aligned([['median (spread)', ...contenders], ...rows]);
}

/** Ratios, one line a number. */
export function ratioTable(title, ratios) {
  const rows = Object.entries(ratios).flatMap(([name, value]) =>
    typeof value === 'number'
      ? [[name, value.toFixed(2)]]
      : Object.entries(value).map(([at, number]) => [`${name}.${at}`, number.toFixed(2)]),
  );
  return aligned([[title, 'ratio'], ...rows]);
}

function cell(value) {
  if (value === undefined) return '–';
  const { median: middle, spreadPercent } = value;
  const digits = middle >= 100 ? 0 : middle >= 10 ? 1 : 3;
  return `${middle.toFixed(digits)} (${spreadPercent.toFixed(0)} %)`;
}

function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows
    .map((row) =>
      row.map((text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]))),
    )
    .map((row) => `${row.join('   ')}\n`)
    .join('');
}

/** Writes `value` as JSON to `file` and makes its folder; does nothing where no file was asked for. */
export function writeJson(file, value) {
  if (file === undefined) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
