import { randomBytes } from 'node:crypto';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, truncateSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CORES, programAt, startNode } from './child-process.mjs';
import { createDatabase } from './database.mjs';
import { MODEL, UPSTREAM_KEY } from './workload.mjs';

const START_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 50;

/** Node's own arguments, as `npm start` gives them. */
const { scripts } = JSON.parse(readFileSync(programAt('../package.json'), 'utf8'));
const SHIPPED_ARGS = scripts.start.split(' ').slice(1, -1);

const ADMIN_KEY = 'bench-admin-key-0123456789abcdef';
const CLIENT_KEY = 'bench-client-key-0123456789abcdef';

/**
 * Starts the service as it is shipped, in production, with access keys, prices, limits of its own size and its log in a
 * file; the response cache is off unless answers are to be kept for `cacheSeconds`, in Redis with a `redisUrl`. It is
 * `workers` processes on `cores`, its database serves it on `databaseCores`. `stop` ends it and removes its database and
 * its directory.
 */
export async function startService({
  upstreamUrl,
  nodeArgs = [],
  cacheSeconds = 0,
  redisUrl,
  workers = 1,
  cores = CORES.server,
  databaseCores = CORES.load,
}) {
  const directory = mkdtempSync(join(tmpdir(), 'ai-providers-bench-'));
  const logFile = join(directory, 'service.log');
  const database = await createDatabase({ cores: databaseCores });
  const env = {
    ...environment(directory, database?.url),
    AI_CACHE_TTL_SECONDS: `${cacheSeconds}`,
    WORKERS: `${workers}`,
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
  };
  let child;
  const stop = async () => {
    await child?.stop();
    await database?.drop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    if (database !== null) {
      await promisify(execFile)(process.execPath, [programAt('../dist/cli/migrate.js')], {
        cwd: directory,
        env,
      });
    }
    const startedAt = performance.now();
    child = startNode(programAt('../dist/main.js'), {
      cwd: directory,
      env,
      nodeArgs: [...SHIPPED_ARGS, ...nodeArgs],
      outputFile: logFile,
      cores,
    });
    const api = await listeningUrl(child, logFile);
    await register(api, upstreamUrl);
    return {
      child,
      /** When its process was started, by `performance.now()`. */
      startedAt,
      url: `${api}/ai-providers/complete`,
      headers: { authorization: `Bearer ${CLIENT_KEY}` },
      adminHeaders: { authorization: `Bearer ${ADMIN_KEY}` },
      database: database === null ? 'embedded PostgreSQL' : 'external PostgreSQL',
      /** Keeps the log from filling the disk; it is opened for appending, so writing goes on at its start. */
      forgetLog: () => truncateSync(logFile),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environment(directory, databaseUrl) {
  return {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    PORT: '0',
    AI_DATA_DIR: join(directory, 'data'),
    AI_API_KEYS: `bench-admin:admin:${ADMIN_KEY},bench-client:client:${CLIENT_KEY}`,
    AI_ENCRYPTION_KEY: randomBytes(16).toString('hex'),
    AI_ENCRYPTION_IV: randomBytes(8).toString('hex'),
    AI_EGRESS_ALLOW: '127.0.0.1',
    LOG_LEVEL: 'info',
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
  };
}

async function listeningUrl(child, logFile) {
  for (let waited = 0; waited < START_TIMEOUT_MS; waited += LOOK_EVERY_MS) {
    const log = readFileSync(logFile, 'utf8');
    const url = /Listening on (http:\/\/[^\s"]+)/.exec(log)?.[1];
    if (url !== undefined) return url;
    if (child.hasEnded())
      throw new Error(`The service ended at its start:\n${log.slice(-2000)}${child.complaints()}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  throw new Error('The service did not start in time');
}

async function register(api, upstreamUrl) {
  const response = await fetch(`${api}/ai-providers`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ADMIN_KEY}` },
    body: JSON.stringify({
      name: 'upstream',
      type: 'OPENAI',
      model: MODEL,
      endpoint: `${upstreamUrl}/v1`,
      apiKey: UPSTREAM_KEY,
      pricing: { inputTokenCost: 0.0025, outputTokenCost: 0.01, currency: 'USD' },
      rateLimit: { requestsPerMinute: 2_000_000_000, tokensPerMinute: 2_000_000_000 },
      maxConcurrency: 100_000,
    }),
    signal: AbortSignal.timeout(10_000),
  });
  if (response.status !== 201)
    throw new Error(`Registering failed: ${response.status} ${await response.text()}`);
}
