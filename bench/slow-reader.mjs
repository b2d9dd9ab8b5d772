// node bench/slow-reader.mjs [--json FILE]: how far the service's memory grows while a long stream goes to a slow reader.
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startContenders } from './contenders.mjs';
import { writeJson } from './report.mjs';

const { values: options } = parseArgs({ options: { json: { type: 'string' } } });

const MB = 1_000_000;
const STREAM_BYTES = 20 * MB;
const READ_BYTES = 64 * 1024;
const READ_EVERY_MS = 16;
const SAMPLE_EVERY_MS = 20;
/** Before each stream, for what is under way to be stored and collected. */
const SETTLE_MS = 2_000;
/** Characters of a chunk: a token, and a long piece of text. */
const CHUNKS = { token: 5, paragraph: 1_000 };

const numbers = {};
for (const [name, characters] of Object.entries(CHUNKS)) {
  const field = await startContenders({ pace: { everyMs: 0, chunks: 1, characters } });
  try {
    for (const contender of field.contenders.filter(({ pid }) => pid !== undefined))
      numbers[`${contender.name}.${name}`] = await growth(contender, characters);
  } finally {
    await field.stop();
  }
}
for (const [name, value] of Object.entries(numbers))
  process.stdout.write(`${name.padEnd(28)} ${value.toFixed(1)} MB\n`);
writeJson(options.json, numbers);

/** The peak of the process's memory over a long stream, less what it was before, in MB. */
async function growth(contender, characters) {
  const perChunk = characters + 90;
  // Compiled code, and a young generation as large as streams make it, are not the long stream's.
  for (let count = 0; count < 2; count++) await readSlowly(contender, Math.ceil(STREAM_BYTES / perChunk));
  await delay(SETTLE_MS);
  const before = residentBytes(contender.pid);
  let peak = before;
  const sampling = setInterval(() => (peak = Math.max(peak, residentBytes(contender.pid))), SAMPLE_EVERY_MS);
  const read = await readSlowly(contender, Math.ceil(STREAM_BYTES / perChunk));
  clearInterval(sampling);
  process.stderr.write(
    `${contender.name}: ${(read / MB).toFixed(1)} MB read, before ${(before / MB).toFixed(0)} MB\n`,
  );
  return (peak - before) / MB;
}

/** Reads a stream of so many chunks at about 4 MB a second; gives its bytes. */
function readSlowly({ url, headers, streamBody }, chunks) {
  return new Promise((resolve, reject) => {
    const body = streamBody.replace('Explain', `#${chunks} Explain`);
    const sent = request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
    });
    sent.once('error', reject);
    sent.once('response', async (response) => {
      try {
        resolve(await slowly(response));
      } catch (error) {
        reject(error);
      }
    });
    sent.end(body);
  });
}

async function slowly(response) {
  let read = 0;
  let sinceRest = 0;
  let tail = '';
  for await (const bytes of response) {
    read += bytes.length;
    sinceRest += bytes.length;
    tail = (tail + bytes.toString('latin1', Math.max(0, bytes.length - 20))).slice(-20);
    if (sinceRest < READ_BYTES) continue;
    sinceRest = 0;
    await delay(READ_EVERY_MS);
  }
  if (response.statusCode !== 200 || !tail.endsWith('data: [DONE]\n\n'))
    throw new Error('The stream was not whole');
  return read;
}

function residentBytes(pid) {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) * 1024;
}
