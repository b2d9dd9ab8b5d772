import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { freePort, programAt } from './child-process.mjs';
import { OPENAI_BODY, OPENAI_STREAM_BODY, UPSTREAM_KEY } from './workload.mjs';

const DIRECTORY = programAt('./portkey');
const PROGRAM = programAt('./portkey/node_modules/@portkey-ai/gateway/build/start-server.js');
const INSTALL_TIMEOUT_MS = 180_000;
const START_TIMEOUT_MS = 30_000;
const LOOK_EVERY_MS = 100;

/**
 * Portkey's gateway as a contender, installed from npm where it is not there yet; null, with the reason on standard error,
 * where it cannot be had. `start` starts one of the bench's programs.
 */
export async function startPortkey({ upstreamUrl, cores, start }) {
  try {
    await install();
  } catch (error) {
    process.stderr.write(`without Portkey, which npm could not install: ${error.message.split('\n')[0]}\n`);
    return null;
  }
  const port = await freePort();
  const child = start('./portkey/node_modules/@portkey-ai/gateway/build/start-server.js', {
    args: [`--port=${port}`, '--headless'],
    cores,
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(url, child);
  return {
    name: 'portkey',
    url: `${url}/v1/chat/completions`,
    headers: {
      authorization: `Bearer ${UPSTREAM_KEY}`,
      'x-portkey-provider': 'openai',
      'x-portkey-custom-host': `${upstreamUrl}/v1`,
    },
    body: OPENAI_BODY,
    streamBody: OPENAI_STREAM_BODY,
    cpuSeconds: child.cpuSeconds,
  };
}

async function install() {
  if (existsSync(PROGRAM)) return;
  process.stderr.write('installing Portkey into bench/portkey\n');
  const options = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  await promisify(execFile)('npm', options, { cwd: DIRECTORY, timeout: INSTALL_TIMEOUT_MS });
}

async function answers(url, child) {
  for (let waited = 0; waited < START_TIMEOUT_MS; waited += LOOK_EVERY_MS) {
    if (child.hasEnded()) throw new Error(`Portkey ended at its start\n${child.complaints()}`);
    try {
      await fetch(url, { signal: AbortSignal.timeout(1_000) });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS)); // Not listening yet.
    }
  }
  throw new Error('Portkey did not start in time');
}
