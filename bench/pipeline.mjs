// node bench/pipeline.mjs [--quick] [--json FILE]: CPU of AIRequestManagerService over calling an adapter directly, in
// process. The module is the one that is shipped, every gate on; only the adapter is a double that answers from memory.
// `pipelineAddedUs` is routing, limits, breaker, queue and trail alone; `addedUs` has the journal, its draining into the
// database and the log line too.
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { AIProvidersModule } from '../dist/modules/ai-providers/ai-providers.module.js';
import { AIAdapterPool } from '../dist/modules/ai-providers/registry/adapters/ai-adapter.pool.js';
import { AIProviderRegistryService } from '../dist/modules/ai-providers/services/ai-provider-registry.service.js';
import { AIRequestManagerService } from '../dist/modules/ai-providers/services/ai-request-manager.service.js';
import { migrate } from '../dist/infra/prisma/migrations/migrations.js';
import { runCompletion } from '../dist/modules/ai-providers/pipeline/complete.pipeline.js';
import { ownDeploymentOf } from '../dist/modules/ai-providers/models/deployment.js';
import { toProviderCall } from '../dist/modules/ai-providers/operations/chat/to-provider-call.js';
import { PIPELINE } from '../dist/modules/ai-providers/pipeline/pipeline-dependencies.js';
import { createDatabase } from './database.mjs';
import { summarise, tableOf, writeJson } from './report.mjs';
import { MODEL, NATIVE_BODY, STREAM_CHUNKS, TEXT, UPSTREAM_KEY } from './workload.mjs';

const { values: options } = parseArgs({
  options: { quick: { type: 'boolean' }, json: { type: 'string' } },
});
const ROUNDS = options.quick ? 5 : 15;
const CALLS = options.quick ? 2_000 : 5_000;
const WARM_UP_CALLS = options.quick ? 5_000 : 20_000;
const STREAMS = CALLS / 10;

const REQUEST = JSON.parse(NATIVE_BODY);
const USAGE = { promptTokens: 78, completionTokens: 50, totalTokens: 128 };

/** Answers as an adapter does, a turn of the microtask queue later and without a network. */
const chat = {
  async complete(call) {
    await undefined;
    return {
      id: 'x',
      model: call.model,
      content: TEXT,
      finishReason: 'stop',
      rawFinishReason: 'stop',
      usage: USAGE,
    };
  },
  async *stream(call) {
    yield [{ type: 'start', id: 'x', model: call.model }];
    for (let index = 0; index < STREAM_CHUNKS; index++) yield [{ type: 'text', text: ` tok${index}` }];
    yield [{ type: 'finish', finishReason: 'stop', rawFinishReason: 'stop', usage: USAGE }];
  },
};
const double = { chat, probe: () => Promise.resolve(), close: () => Promise.resolve() };

const directory = mkdtempSync(join(tmpdir(), 'ai-providers-bench-'));
// The embedded database would run in this process, and its work be counted as the pipeline's.
const database = await createDatabase();
if (database) await migrate({ connectionString: database.url });
const app = await NestFactory.createApplicationContext(
  AIProvidersModule.forRoot({
    dataDir: directory,
    databaseUrl: database?.url ?? null,
    cache: { ttlSeconds: 0 },
    encryption: { key: randomBytes(16).toString('hex'), iv: randomBytes(8).toString('hex') },
    controllers: false,
  }),
  { logger: false, abortOnError: false },
);
try {
  await run();
} finally {
  await app.close();
  await database?.drop();
  await rm(directory, { recursive: true, force: true });
}

async function run() {
  const provider = await app.get(AIProviderRegistryService).register({
    name: 'double',
    type: 'OPENAI',
    model: MODEL,
    apiKey: UPSTREAM_KEY,
    pricing: { inputTokenCost: 0.0025, outputTokenCost: 0.01, currency: 'USD' },
    rateLimit: { requestsPerMinute: 2_000_000_000, tokensPerMinute: 2_000_000_000 },
    maxConcurrency: 100_000,
  });
  app.get(AIAdapterPool).adapterFor = () => double;
  const manager = app.get(AIRequestManagerService);
  const signal = new AbortController().signal;
  const unrecorded = { ...app.get(PIPELINE), observer: { requestEnded: () => Promise.resolve() } };
  const work = {
    directUs: [CALLS, () => chat.complete(toProviderCall(REQUEST, ownDeploymentOf(provider)), signal)],
    pipelineUs: [CALLS, () => runCompletion(unrecorded, REQUEST, {})],
    completeUs: [CALLS, () => manager.complete(REQUEST)],
    directStreamUs: [
      STREAMS,
      () => readThrough(chat.stream(toProviderCall(REQUEST, ownDeploymentOf(provider)), signal)),
    ],
    streamUs: [STREAMS, () => readThrough(manager.streamChunks(REQUEST))],
  };
  for (const [calls, call] of Object.values(work)) await cpuOf(call, (WARM_UP_CALLS / CALLS) * calls);
  const samples = [];
  for (let round = 0; round < ROUNDS; round++) {
    const sample = {};
    for (const [name, [calls, call]] of Object.entries(work)) sample[name] = await cpuOf(call, calls);
    sample.pipelineAddedUs = sample.pipelineUs - sample.directUs;
    sample.addedUs = sample.completeUs - sample.directUs;
    sample.addedUsPerChunk = (sample.streamUs - sample.directStreamUs) / STREAM_CHUNKS;
    samples.push(sample);
  }
  const summary = summarise(samples);
  process.stdout.write(tableOf({ 'CPU µs': summary }));
  writeJson(options.json, { summary, samples });
}

/** Microseconds of CPU a call takes, garbage collection and compiling included. */
async function cpuOf(call, calls) {
  const before = process.cpuUsage();
  for (let done = 0; done < calls; done++) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / calls;
}

async function readThrough(stream) {
  for await (const group of stream) if (group.length === 0) throw new Error('An empty group');
}
