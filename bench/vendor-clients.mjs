// node bench/vendor-clients.mjs [--rounds N]: CPU of sending one chat request by the vendors' SDKs, used as they are
// published (`fetch` option, `.asResponse()`), over the same SDKs sending by our VendorClient, as the adapters do. The network is left out: `fetch`
// answers at once. Rounds are interleaved, and the order within a round alternates.
import { parseArgs } from 'node:util';
import { Anthropic } from '@anthropic-ai/sdk';
import { OpenAI } from 'openai';
import { AnthropicClient } from '../dist/modules/ai-providers/providers/anthropic/anthropic.client.js';
import { OpenAIClient } from '../dist/modules/ai-providers/providers/openai/openai.client.js';
import { VendorClient } from '../dist/modules/ai-providers/providers/wire/vendor.client.js';
import { NATIVE_BODY } from './workload.mjs';

const { values: options } = parseArgs({ options: { rounds: { type: 'string', default: '20' } } });
const ROUNDS = Number(options.rounds);
const CALLS = 500;
const ORIGIN = 'http://127.0.0.1:9';
const KEY = 'sk-bench-0123456789';

const { prompt } = JSON.parse(NATIVE_BODY);
const body = { model: 'model', max_tokens: 128, messages: [{ role: 'user', content: prompt ?? 'Hi' }] };
const answer = new globalThis.Response('{}', { headers: { 'content-type': 'application/json' } });
const fetch = () => Promise.resolve(answer);
// Every call has a signal of its own, as in the service.
const newSignal = () => new AbortController().signal;

const vendor = new VendorClient({
  fetch,
  baseUrl: new URL(`${ORIGIN}/v1`),
  headers: () => ({ accept: 'application/json', 'user-agent': 'bench', authorization: `Bearer ${KEY}` }),
});
const ourOpenai = new OpenAIClient(vendor, `${ORIGIN}/v1`);
const ourAnthropic = new AnthropicClient(vendor);
const settings = { apiKey: KEY, fetch, maxRetries: 0, logLevel: 'off' };
const openai = new OpenAI({ ...settings, baseURL: `${ORIGIN}/v1` });
const anthropic = new Anthropic({ ...settings, baseURL: ORIGIN });

const ways = {
  vendor: () => vendor.post('/chat/completions', body, newSignal()),
  ourOpenai: () => ourOpenai.chat.completions.create(body, { signal: newSignal() }).asResponse(),
  ourAnthropic: () => ourAnthropic.post('/v1/messages', { body, signal: newSignal() }).asResponse(),
  openai: () => openai.chat.completions.create(body, { signal: newSignal() }).asResponse(),
  anthropic: () => anthropic.post('/v1/messages', { body, signal: newSignal() }).asResponse(),
};

/** CPU-µs a call. */
async function measure(call) {
  const before = process.cpuUsage();
  for (let index = 0; index < CALLS; index++) await call();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / CALLS;
}

const names = Object.keys(ways);
const results = Object.fromEntries(names.map((name) => [name, []]));
for (const name of names) await measure(ways[name]);
for (let round = 0; round < ROUNDS; round++) {
  for (const name of round % 2 === 0 ? names : names.toReversed())
    results[name].push(await measure(ways[name]));
}

const quantile = (values, share) => values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)];
for (const name of names) {
  const [low, middle, high] = [0.1, 0.5, 0.9].map((share) => quantile(results[name], share).toFixed(1));
  console.log(`${name.padEnd(13)} ${middle} CPU-µs a request (p10 ${low}, p90 ${high})`);
}
