import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

const IDLE = '(idle)';
/** What stands under it is the profiler's own doing. */
const PROFILER = 'node:inspector';
const ROWS = 25;

/** Microseconds by function and by where it comes from, each its own time without what it calls. */
export function costs({ nodes, samples, timeDeltas }) {
  const own = new Map(nodes.map(({ id }) => [id, 0]));
  samples.forEach((id, index) => own.set(id, own.get(id) + timeDeltas[index]));
  const byFunction = new Map();
  const byPlace = new Map();
  const profilers = idsUnder(PROFILER, nodes);
  const sourceOf = sourceFinder();
  for (const { id, callFrame } of nodes) {
    const { functionName } = callFrame;
    if (functionName === IDLE || profilers.has(id)) continue;
    const { url, lineNumber } = sourceOf(callFrame);
    const place = placeOf(url, functionName);
    add(
      byFunction,
      `${functionName || '(anonymous)'}  ${shortUrl(url)}${url === '' ? '' : `:${lineNumber + 1}`}`,
      own.get(id),
    );
    add(byPlace, place, own.get(id));
  }
  return { byFunction, byPlace };
}

/** Where a frame of a bundle comes from, by the source map beside it. */
function sourceFinder() {
  const maps = new Map();
  const read = (url) => {
    const file = url.startsWith('file:') ? `${fileURLToPath(url)}.map` : '';
    return existsSync(file) ? new SourceMap(JSON.parse(readFileSync(file, 'utf8'))) : null;
  };
  return ({ url, lineNumber, columnNumber }) => {
    if (!maps.has(url)) maps.set(url, read(url));
    const { originalSource, originalLine } = maps.get(url)?.findEntry(lineNumber, columnNumber) ?? {};
    if (originalSource === undefined) return { url, lineNumber };
    return { url: new URL(originalSource, url).href, lineNumber: originalLine };
  };
}

/** The nodes of a script and all that they call; a node stands before its children. */
function idsUnder(script, nodes) {
  const ids = new Set();
  for (const { id, callFrame, children = [] } of nodes) {
    if (callFrame.url !== script && !ids.has(id)) continue;
    ids.add(id);
    for (const child of children) ids.add(child);
  }
  return ids;
}

/** The dearest places and functions, each with its share and its microseconds for every request. */
export function linesOf({ byFunction, byPlace }, requests) {
  const total = [...byPlace.values()].reduce((sum, value) => sum + value, 0);
  const rows = (costsOf) =>
    [...costsOf]
      .sort(([, a], [, b]) => b - a)
      .slice(0, ROWS)
      .map(
        ([name, us]) =>
          `${((us / total) * 100).toFixed(1).padStart(5)} %  ${(us / requests).toFixed(1).padStart(7)} µs  ${name}\n`,
      )
      .join('');
  return `${requests} requests, ${(total / requests).toFixed(0)} µs of the main thread each\n\n${rows(byPlace)}\n${rows(byFunction)}`;
}

function add(sums, name, value) {
  sums.set(name, (sums.get(name) ?? 0) + value);
}

function placeOf(url, functionName) {
  if (url === '') return functionName.startsWith('(') ? functionName : '(native)';
  if (url.startsWith('node:')) return 'node';
  const pack = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (pack !== undefined) return pack;
  const [, room = url] = /\/src\/((?:modules\/ai-providers|infra)\/[^/]+|.*)/.exec(url) ?? [];
  return `ours: ${room}`;
}

function shortUrl(url) {
  return url.replace(/^file:\/\/.*?\/(node_modules|src)\//, '').replace(/^modules\/ai-providers\//, '');
}
