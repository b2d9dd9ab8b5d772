import { Anthropic } from '@anthropic-ai/sdk';
import { jest } from '@jest/globals';
import { status } from '../../../../test/fakes/upstream/upstream-script.js';
import { FakeUpstream } from '../../../../test/fakes/upstream/fake-upstream.js';
import { EgressPolicy } from '../../../infra/http-client/egress-policy.js';
import { HttpTransport } from '../../../infra/http-client/http-transport.js';
import type { ProviderCall, StreamPart } from '../interfaces/ai-adapter.interface.js';
import { AnthropicProvider } from './anthropic.provider.js';
import { AnthropicStreamReader } from './anthropic/chat/stream-reader.js';
import { toRequest } from './anthropic/chat/to-request.js';
import type { ConformanceVendor } from '../../../../test/conformance/providers/bench.conformance.js';
import { describeProvider } from '../../../../test/conformance/providers/provider.conformance.js';

const KEY = 'sk-ant-secret-key';
const call = (more: Partial<ProviderCall> = {}): ProviderCall => ({
  model: 'claude-sonnet-4-5',
  messages: [{ role: 'user', content: 'Hello' }],
  maxTokens: 100,
  temperature: 0.7,
  ...more,
});
const never = (): AbortSignal => new AbortController().signal;

const messages = [{ role: 'user', content: 'Hi' }];

const ANTHROPIC: ConformanceVendor = {
  create: (connection) => new AnthropicProvider(connection),
  createReader: () => new AnthropicStreamReader({ messages: [] }),
  endpoint: (origin) => origin,
  keyHeader: (key) => ['x-api-key', key],
  model: 'claude-sonnet-4-5',
  requests: [
    {
      name: 'the least',
      call: {},
      body: { model: 'claude-sonnet-4-5', messages, max_tokens: 64, stream: false },
    },
    {
      name: 'the system prompt and what Anthropic has, without the penalties',
      call: {
        system: 'Be brief',
        temperature: 1.8,
        topK: 3,
        stopSequences: ['x'],
        seed: 1,
        frequencyPenalty: 1,
        presencePenalty: 1,
        user: 'u',
      },
      body: {
        model: 'claude-sonnet-4-5',
        messages,
        max_tokens: 64,
        system: 'Be brief',
        temperature: 1,
        top_k: 3,
        stop_sequences: ['x'],
        metadata: { user_id: 'u' },
        stream: false,
      },
    },
    {
      name: 'what a model without sampling takes',
      call: { model: 'claude-opus-4-8', temperature: 0.2, topP: 0.5, topK: 3 },
      body: { model: 'claude-opus-4-8', messages, max_tokens: 64, stream: false },
    },
  ],
  refusals: [
    { name: 'an empty account', script: status(400, { reason: 'quota' }), fault: 'quota_exhausted' },
    { name: 'a bad key', script: status(401, { reason: 'bad_key' }), fault: 'authentication' },
    { name: 'a content filter', script: status(400, { reason: 'content_filter' }), fault: 'content_filter' },
    { name: 'an unknown model', script: status(404, { reason: 'model' }), fault: 'model_not_found' },
  ],
};

describeProvider('Anthropic', ANTHROPIC);

describe('AnthropicProvider', () => {
  let upstream: FakeUpstream;
  let provider: AnthropicProvider;

  const connect = (key: string | null, suffix = ''): AnthropicProvider => {
    const endpoint = upstream.url + suffix;
    const egress = new EgressPolicy({ production: false, allow: [] });
    return new AnthropicProvider({
      apiKey: key === null ? null : { reveal: () => key },
      endpoint,
      transport: new HttpTransport({ baseUrl: endpoint, connectTimeoutMs: 1000, egress }),
    });
  };

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
  });
  afterAll(() => upstream.stop());
  beforeEach(() => {
    provider = connect(KEY);
  });
  afterEach(async () => {
    await provider.close();
    upstream.clear();
  });

  it('sends the key in its header alone, under the API version that knows the temperature', async () => {
    await provider.chat.complete(call(), never());
    const { method, path, headers, rawBody, body } = upstream.lastCall;
    expect([method, path]).toEqual(['POST', '/v1/messages']);
    expect(headers['x-api-key']).toBe(KEY);
    expect(headers['anthropic-version']).toBe('2023-06-01');
    expect(headers['content-type']).toBe('application/json');
    expect(headers).not.toHaveProperty('authorization');
    expect(rawBody).not.toContain(KEY);
    expect(body).toEqual({
      model: 'claude-sonnet-4-5',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Hello' }],
      temperature: 0.7,
      stream: false,
    });
  });

  it('sends the request that the SDK sends', async () => {
    const body = toRequest(call(), false);
    const sdk = new Anthropic({ apiKey: KEY, baseURL: upstream.url, logLevel: 'off' });
    await sdk.post('/v1/messages', { body });
    await provider.chat.complete(call(), never());
    const [theirs, ours] = upstream.calls.map(({ method, path, rawBody, headers }) => ({
      method,
      path,
      rawBody,
      type: headers['content-type'],
      accept: headers.accept,
    }));
    expect(ours).toEqual(theirs);
  });

  it('sends its own key and headers, whatever the variables of the SDK say', async () => {
    const variables = {
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
      ANTHROPIC_API_KEY: 'sk-from-environment',
      ANTHROPIC_AUTH_TOKEN: 'token-from-environment',
      ANTHROPIC_CUSTOM_HEADERS: 'x-custom: from-environment\nx-api-key: from-environment',
    };
    Object.assign(process.env, variables);
    const keyless = connect(null);
    const keyed = connect(KEY);
    try {
      await keyless.chat.complete(call(), never());
      await keyed.chat.complete(call(), never());
    } finally {
      for (const name of Object.keys(variables)) delete process.env[name];
      await Promise.all([keyless.close(), keyed.close()]);
    }
    const [without, with_] = upstream.calls.map(({ headers }) => headers);
    expect(JSON.stringify([without, with_])).not.toContain('from-environment');
    const own = [
      'accept',
      'accept-encoding',
      'anthropic-version',
      'connection',
      'content-length',
      'content-type',
      'host',
      'user-agent',
    ];
    expect(Object.keys(without ?? {}).sort()).toEqual(own);
    expect(Object.keys(with_ ?? {}).sort()).toEqual([...own, 'x-api-key']);
  });

  it('answers and streams', async () => {
    const usage = { prompt: 50, completion: 9, cached: 30, cacheWrite: 5 };
    const said = { text: 'Hello there', usage };
    const expected = { promptTokens: 50, completionTokens: 9, cachedPromptTokens: 30, cacheWriteTokens: 5 };
    upstream.next(said, said);
    expect(await provider.chat.complete(call(), never())).toMatchObject({
      content: 'Hello there',
      finishReason: 'stop',
      usage: expected,
    });
    const parts: StreamPart[] = [];
    for await (const group of provider.chat.stream(call(), never())) parts.push(...group);
    expect(parts.map((part) => (part.type === 'text' ? part.text : '')).join('')).toBe('Hello there');
    expect(parts.at(-1)).toMatchObject({ type: 'finish', finishReason: 'stop', usage: expected });
    expect(upstream.lastCall.body['stream']).toBe(true);
  });

  it('does not wait for message_stop', async () => {
    upstream.next({ answer: { text: 'done' }, withoutTerminator: true });
    const parts: StreamPart[] = [];
    for await (const group of provider.chat.stream(call(), never())) parts.push(...group);
    expect(parts.at(-1)?.type).toBe('finish');
  });

  it.each([500, 529, 429, 400])('leaves a %i to our own retry policy: one request', async (code) => {
    upstream.next(status(code));
    await expect(provider.chat.complete(call(), never())).rejects.toMatchObject({ status: code });
    expect(upstream.calls).toHaveLength(1);
  });

  it('leaves out what the model refuses, and remembers it', async () => {
    const asked = call({ model: 'claude-unversioned', topP: 0.9, asked: { topP: 0.9 } });
    upstream.next(status(400, { message: '`temperature` is deprecated for this model.' }));
    expect((await provider.chat.complete(asked, never())).finishReason).toBe('stop');
    await provider.chat.complete(asked, never());
    const sent = upstream.calls.map(({ body }) => 'temperature' in body);
    expect(upstream.calls.every(({ body }) => body['top_p'] === 0.9)).toBe(true);
    expect(sent).toEqual([true, false, false]);
  });

  it('leaves out one of two where the model takes only one', async () => {
    const asked = call({ model: 'claude-unversioned', topP: 0.9, asked: { topP: 0.9 } });
    const message = '`temperature` and `top_p` cannot both be specified for this model. Please use only one.';
    upstream.next(status(400, { message }));
    await provider.chat.complete(asked, never());
    expect(upstream.lastCall.body).toMatchObject({ top_p: 0.9 });
    expect(upstream.lastCall.body).not.toHaveProperty('temperature');
  });

  it('leaves what the caller asked for to his own reading', async () => {
    upstream.default(status(400, { message: 'temperature: Extra inputs are not permitted' }));
    await expect(provider.chat.complete(call(), never())).rejects.toMatchObject({ fault: 'invalid_request' });
    expect(upstream.calls).toHaveLength(1);
  });

  it.each<[string, number[]]>([
    ['max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for x', [32_000, 8_192]],
    ['input length and `max_tokens` exceed context limit: 190000 + 32000 > 200000', [32_000, 10_000]],
  ])('bounds an answer that nobody bounded by what is taken: %s', async (message, bounds) => {
    const asked = call({ model: 'claude-unversioned', maxTokens: undefined, asked: {} });
    upstream.next(status(400, { message }));
    await provider.chat.complete(asked, never());
    expect(upstream.calls.map(({ body }) => body['max_tokens'])).toEqual(bounds);
  });

  it('sends again only once, whatever the model refuses', async () => {
    upstream.default(status(400, { message: 'temperature: Extra inputs are not permitted' }));
    await expect(provider.chat.complete(call({ asked: {} }), never())).rejects.toMatchObject({
      fault: 'invalid_request',
    });
    expect(upstream.calls).toHaveLength(2);
  });

  it('asks for long plain answers too, and writes nothing to the console', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      await provider.chat.complete(call({ maxTokens: 120_000 }), never());
      expect(warn).not.toHaveBeenCalled();
    } finally {
      warn.mockRestore();
    }
  });

  it('probes without spending tokens', async () => {
    await provider.probe(never());
    expect(upstream.calls.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v1/models?limit=1']);
    upstream.nextGet(status(401));
    await expect(provider.probe(never())).rejects.toMatchObject({ fault: 'authentication', status: 401 });
  });

  it('never tells the key, though the vendor does', async () => {
    upstream.next(status(401, { message: `invalid x-api-key ${KEY}` }));
    const error: unknown = await provider.chat.complete(call(), never()).catch((thrown: unknown) => thrown);
    expect(String((error as Error).message)).toContain('invalid x-api-key');
    expect(String((error as Error).message)).not.toContain(KEY);
  });

  it.each(['', '/', '/v1', '/v1/'])('takes an endpoint that ends in "%s"', async (suffix) => {
    const other = connect(KEY, suffix);
    await other.chat.complete(call(), never());
    await other.close();
    expect(upstream.lastCall.path).toBe('/v1/messages');
  });

  it('keeps the path and the query of an endpoint', async () => {
    const other = connect(KEY, '/gateway/v1?tenant=a');
    await other.chat.complete(call(), never());
    await other.close();
    expect(upstream.lastCall.path).toBe('/gateway/v1/messages?tenant=a');
  });
});
