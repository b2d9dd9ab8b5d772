import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { OpenAI as OpenAISdk } from 'openai';
import { status } from '../../../../test/fakes/upstream/upstream-script.js';
import { Bench, callOf, KEY } from '../../../../test/conformance/providers/bench.conformance.js';
import type { ConformanceVendor } from '../../../../test/conformance/providers/bench.conformance.js';
import { OpenAIProvider } from './openai.provider.js';
import { OPENAI_DIALECT } from './openai/chat/chat.dialect.js';
import { ChatStreamReader } from './openai/chat/stream-reader.js';
import { toRequest } from './openai/chat/to-request.js';
import { describeProvider } from '../../../../test/conformance/providers/provider.conformance.js';

const messages = [{ role: 'user', content: 'Hi' }];

const OPENAI: ConformanceVendor = {
  create: (connection) => new OpenAIProvider(connection),
  createReader: () => new ChatStreamReader(OPENAI_DIALECT, { messages: [] }),
  endpoint: (origin) => `${origin}/v1`,
  keyHeader: (key) => ['authorization', `Bearer ${key}`],
  model: 'gpt-4o-mini',
  requests: [
    { name: 'the least', call: {}, body: { model: 'gpt-4o-mini', messages, max_tokens: 64 } },
    {
      name: 'the system prompt and what OpenAI has, without top_k',
      call: { system: 'Be brief', temperature: 0.2, topP: 0.5, topK: 3, stopSequences: ['x'], seed: 1 },
      body: {
        model: 'gpt-4o-mini',
        messages: [{ role: 'system', content: 'Be brief' }, ...messages],
        max_tokens: 64,
        temperature: 0.2,
        top_p: 0.5,
        stop: ['x'],
        seed: 1,
      },
    },
    {
      name: 'what a reasoning model takes',
      call: { model: 'gpt-5', temperature: 0.2, frequencyPenalty: 1 },
      body: { model: 'gpt-5', messages, max_completion_tokens: 64 },
    },
  ],
  refusals: [
    { name: 'a spent quota', script: status(429, { reason: 'quota' }), fault: 'quota_exhausted' },
    { name: 'a bad key', script: status(401, { reason: 'bad_key' }), fault: 'authentication' },
    { name: 'a content filter', script: status(400, { reason: 'content_filter' }), fault: 'content_filter' },
    { name: 'an unknown model', script: status(404, { reason: 'model' }), fault: 'model_not_found' },
  ],
};

describeProvider('OpenAI', OPENAI);

describe('OpenAI adapter and its environment', () => {
  let bench: Bench;
  const variables = {
    OPENAI_BASE_URL: 'http://127.0.0.1:9',
    OPENAI_API_KEY: 'sk-from-environment',
    OPENAI_ADMIN_KEY: 'sk-admin-from-environment',
    OPENAI_ORG_ID: 'org-from-environment',
    OPENAI_PROJECT_ID: 'proj-from-environment',
    OPENAI_CUSTOM_HEADERS: 'x-custom: from-environment\nauthorization: from-environment',
  };
  beforeEach(async () => {
    Object.assign(process.env, variables);
    bench = await Bench.start(OPENAI);
  });
  afterEach(async () => {
    for (const name of Object.keys(variables)) delete process.env[name];
    await bench.stop();
  });

  it('sends its own key and no header of the library, whatever the variables of the SDK say', async () => {
    await bench.adapter().chat.complete(callOf(OPENAI), bench.signal);
    const { headers, path } = bench.upstream.lastCall;
    expect(path).toBe('/v1/chat/completions');
    expect(JSON.stringify(headers)).not.toContain('from-environment');
    expect(headers.authorization).toBe(`Bearer ${KEY}`);
    const own = [
      'accept',
      'accept-encoding',
      'authorization',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
    ];
    expect(Object.keys(headers).sort()).toEqual(own);
  });

  it('sends the request that the SDK sends', async () => {
    const body = toRequest(callOf(OPENAI), false, { type: 'OPENAI', endpoint: null });
    // The SDK, unlike the adapter, would take its headers from there.
    delete process.env['OPENAI_CUSTOM_HEADERS'];
    const sdk = new OpenAISdk({ apiKey: KEY, baseURL: bench.upstream.openaiUrl, logLevel: 'off' });
    await sdk.chat.completions.create(body);
    await bench.adapter().chat.complete(callOf(OPENAI), bench.signal);
    const [theirs, ours] = bench.upstream.calls.map(({ method, path, rawBody, headers }) => ({
      method,
      path,
      rawBody,
      type: headers['content-type'],
      accept: headers.accept,
      key: headers.authorization,
    }));
    expect(ours).toEqual(theirs);
  });

  it('keeps the query of an endpoint', async () => {
    const endpoint = `${bench.upstream.openaiUrl}?api-version=2025-01-01`;
    await bench.adapter({ endpoint }).chat.complete(callOf(OPENAI), bench.signal);
    expect(bench.upstream.lastCall.path).toBe('/v1/chat/completions?api-version=2025-01-01');
  });
});
