import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { raw, status } from '../../../../test/fakes/upstream/upstream-script.js';
import {
  Bench,
  callOf,
  collect,
  failureOf,
  textOf,
} from '../../../../test/conformance/providers/bench.conformance.js';
import type { ConformanceVendor } from '../../../../test/conformance/providers/bench.conformance.js';
import { CustomProvider } from './custom.provider.js';
import { CUSTOM_DIALECT } from './openai/chat/chat.dialect.js';
import { ChatStreamReader } from './openai/chat/stream-reader.js';
import { describeProvider } from '../../../../test/conformance/providers/provider.conformance.js';

const messages = [{ role: 'user', content: 'Hi' }];

const CUSTOM: ConformanceVendor = {
  create: (connection) => new CustomProvider({ ...connection, endpoint: connection.endpoint ?? '' }),
  createReader: () => new ChatStreamReader(CUSTOM_DIALECT, { messages: [] }),
  endpoint: (origin) => `${origin}/v1/`,
  keyHeader: (key) => ['authorization', `Bearer ${key}`],
  model: 'llama-3.1-8b',
  requests: [
    {
      name: 'top_k and max_tokens',
      call: { model: 'my-gpt', temperature: 0.2, topK: 3 },
      body: { model: 'my-gpt', messages, max_tokens: 64, temperature: 0.2, top_k: 3 },
    },
  ],
  refusals: [
    {
      name: "vLLM's error without an envelope",
      script: vllm(400, 'maximum context length is 5'),
      fault: 'context_length',
    },
    {
      name: 'an error that is a text',
      script: status(500, { body: '{"error":"no memory"}' }),
      fault: 'server_error',
    },
  ],
};

function vllm(code: number, message: string): ReturnType<typeof status> {
  return status(code, { body: JSON.stringify({ object: 'error', message, type: 'BadRequestError', code }) });
}

describeProvider('Custom', CUSTOM);

describe('Custom adapter', () => {
  let bench: Bench;
  beforeEach(async () => (bench = await Bench.start(CUSTOM)));
  afterEach(() => bench.stop());

  it('sends no authorization where there is no key, in calls and in probes', async () => {
    process.env.OPENAI_API_KEY = 'sk-from-environment';
    try {
      const adapter = bench.adapter({ key: null });
      await adapter.chat.complete(callOf(CUSTOM), bench.signal);
      await adapter.probe(bench.signal);
    } finally {
      delete process.env.OPENAI_API_KEY;
    }
    expect(bench.upstream.calls.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  it.each([404, 405, 400, 429])(
    'counts as reachable when the list of models is answered %s',
    async (code) => {
      bench.upstream.nextGet(status(code));
      await expect(bench.adapter().probe(bench.signal)).resolves.toBeUndefined();
    },
  );

  it.each([
    ['{"error":"model \'x\' not found"}', "model 'x' not found"],
    ['{"object":"error","message":"Bad role","type":"BadRequestError","code":400}', 'Bad role'],
    ['{"detail":[{"loc":["body"],"msg":"Field required"}]}', 'Field required'],
    ['{"detail":"Not allowed"}', 'Not allowed'],
    ['plain words', 'plain words'],
    ['', 'The provider answered 400.'],
  ])('finds the message in %s', async (body, message) => {
    bench.upstream.next(status(400, { body }));
    expect((await failureOf(bench.adapter().chat.complete(callOf(CUSTOM), bench.signal))).message).toBe(
      message,
    );
  });

  it('reads a stream that has no finish reason but [DONE]', async () => {
    const event = { id: 'x', choices: [{ index: 0, delta: { content: 'Hello' } }] };
    const body = `data: ${JSON.stringify(event)}\n\ndata: [DONE]\n\n`;
    bench.upstream.next(raw(body, { 'content-type': 'text/event-stream' }));
    const { parts, error } = await collect(bench.adapter().chat.stream(callOf(CUSTOM), bench.signal));
    expect(error).toBeUndefined();
    expect(textOf(parts)).toBe('Hello');
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: 'other' });
  });
});
