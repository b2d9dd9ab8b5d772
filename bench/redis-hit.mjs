// node bench/redis-hit.mjs: what reading a kept answer from Redis costs over a bare GET of it, in this process; needs a
// Redis at BENCH_REDIS_URL (default redis://127.0.0.1:6379) and a build.
import { randomUUID } from 'node:crypto';
import { createCache } from 'cache-manager';
import { RedisLink } from '../dist/infra/redis/redis-link.js';
import { answerCacheOptions } from '../dist/modules/ai-providers/policies/cache/answer-cache.options.js';
import { CachedAnswerStore } from '../dist/modules/ai-providers/policies/cache/answer.store.js';

const ROUNDS = 9;
const READS = 5_000;
const ANSWER = {
  content: 'An answer of some hundred characters. '.repeat(12),
  finishReason: 'stop',
  rawFinishReason: 'stop',
  model: 'bench-model',
  providerId: randomUUID(),
  providerName: 'bench',
  providerType: 'OPENAI',
  usage: { promptTokens: 12, completionTokens: 90, totalTokens: 102, source: 'reported' },
  cost: { input: 0.00012, output: 0.0018, total: 0.00192, currency: 'USD', source: 'provider' },
};

const logger = { info: () => undefined, warn: (details, message) => process.stderr.write(`${message}\n`) };
const link = new RedisLink(process.env.BENCH_REDIS_URL ?? 'redis://127.0.0.1:6379', logger);
await link.open();
try {
  const { stores } = await answerCacheOptions({ cache: { maxBytes: 1 } }, link);
  const answers = new CachedAnswerStore(createCache({ stores }), { now: () => Date.now() }, logger);
  const id = `bench-${randomUUID()}`;
  answers.write(id, ANSWER, 60_000);
  const key = `ai-providers:answer:${id}`;
  while ((await link.client.exists(key)) === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  for (const atOnce of [1, 32]) {
    const samples = { hit: [], get: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      samples.hit.push(await measure(() => answers.read(id), atOnce));
      samples.get.push(await measure(() => link.client.get(key), atOnce));
    }
    const [hit, get] = [median(samples.hit), median(samples.get)];
    const ratios = `${(hit.us / get.us).toFixed(2)} times the time, ${(hit.cpuUs / get.cpuUs).toFixed(2)} times the CPU`;
    process.stdout.write(`${atOnce} at once: hit ${show(hit)}, bare GET ${show(get)}: ${ratios}\n`);
  }
  await link.client.del(key);
} finally {
  await link.onApplicationShutdown();
}

async function measure(read, atOnce) {
  const [cpu, startedAt] = [process.cpuUsage(), performance.now()];
  let left = READS;
  const reader = async () => {
    while (left-- > 0) await read();
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  const { user, system } = process.cpuUsage(cpu);
  return { us: ((performance.now() - startedAt) * 1_000) / READS, cpuUs: (user + system) / READS };
}

function median(samples) {
  const middle = (what) => samples.map((sample) => sample[what]).sort((a, b) => a - b)[samples.length >> 1];
  return { us: middle('us'), cpuUs: middle('cpuUs') };
}

function show({ us, cpuUs }) {
  return `${us.toFixed(1)} µs (${cpuUs.toFixed(1)} µs of CPU)`;
}
