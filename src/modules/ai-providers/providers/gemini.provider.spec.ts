import { GoogleGenerativeAI, GoogleGenerativeAIFetchError } from '@google/generative-ai';
import type { GenerateContentRequest, GenerativeModel } from '@google/generative-ai';
import { FakeUpstream } from '../../../../test/fakes/upstream/fake-upstream.js';
import type { UpstreamCall } from '../../../../test/fakes/upstream/upstream-call.js';
import { raw, status } from '../../../../test/fakes/upstream/upstream-script.js';
import type { ErrorReason } from '../../../../test/fakes/upstream/upstream-script.js';
import { EgressPolicy } from '../../../infra/http-client/egress-policy.js';
import { HttpTransport } from '../../../infra/http-client/http-transport.js';
import type { ProviderCall, StreamPart } from '../interfaces/ai-adapter.interface.js';
import type { ConformanceVendor } from '../../../../test/conformance/providers/bench.conformance.js';
import { GeminiProvider } from './gemini.provider.js';
import { GeminiStreamReader } from './gemini/chat/stream-reader.js';
import { toRequest } from './gemini/chat/to-request.js';
import { describeProvider } from '../../../../test/conformance/providers/provider.conformance.js';

const KEY = 'AIza-secret-key-of-the-test';
const call = (more: Partial<ProviderCall> = {}): ProviderCall => ({
  model: 'gemini-2.5-flash',
  messages: [{ role: 'user', content: 'Hello' }],
  maxTokens: 100,
  temperature: 0.7,
  ...more,
});
/** Everything that the SDK's types know. */
const fullCall = call({
  system: 'Be brief.',
  messages: [
    { role: 'user', content: [{ type: 'image', source: { data: 'aGk=', mediaType: 'image/png' } }] },
    {
      role: 'assistant',
      content: '',
      toolCalls: [{ id: 'a', name: 'weather', arguments: '{"city":"Rome"}' }],
    },
    { role: 'tool', toolCallId: 'a', name: 'weather', content: 'sunny' },
  ],
  topP: 0.9,
  topK: 40,
  frequencyPenalty: 0.5,
  presencePenalty: 0.5,
  stopSequences: ['END'],
  tools: [{ name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } }],
  toolChoice: 'required',
});
const never = (): AbortSignal => new AbortController().signal;

const messages = [{ role: 'user', parts: [{ text: 'Hi' }] }];

const GEMINI: ConformanceVendor = {
  create: (connection) => new GeminiProvider(connection),
  createReader: () => new GeminiStreamReader({ messages: [] }),
  endpoint: (origin) => origin,
  keyHeader: (key) => ['x-goog-api-key', key],
  model: 'gemini-2.5-flash',
  requests: [
    { name: 'the least', call: {}, body: { contents: messages, generationConfig: { maxOutputTokens: 64 } } },
    {
      name: 'the system prompt and what Gemini has, without the user',
      call: {
        system: 'Be brief',
        temperature: 0.2,
        topP: 0.5,
        topK: 3,
        stopSequences: ['x'],
        seed: 1,
        user: 'u',
      },
      body: {
        contents: messages,
        systemInstruction: { role: 'system', parts: [{ text: 'Be brief' }] },
        generationConfig: {
          maxOutputTokens: 64,
          temperature: 0.2,
          topP: 0.5,
          topK: 3,
          stopSequences: ['x'],
          seed: 1,
        },
      },
    },
  ],
  refusals: [
    { name: 'a spent quota', script: status(429, { reason: 'quota' }), fault: 'quota_exhausted' },
    { name: 'a bad key, under a 400', script: status(400, { reason: 'bad_key' }), fault: 'authentication' },
    { name: 'a content filter', script: status(400, { reason: 'content_filter' }), fault: 'content_filter' },
    { name: 'an unknown model', script: status(404, { reason: 'model' }), fault: 'model_not_found' },
  ],
};

describeProvider('Gemini', GEMINI);

describe('GeminiProvider', () => {
  let upstream: FakeUpstream;
  let provider: GeminiProvider;

  const connect = (suffix = ''): GeminiProvider => {
    const endpoint = upstream.url + suffix;
    const egress = new EgressPolicy({ production: false, allow: [] });
    return new GeminiProvider({
      apiKey: { reveal: () => KEY },
      endpoint,
      transport: new HttpTransport({ baseUrl: endpoint, connectTimeoutMs: 1000, egress }),
    });
  };
  const partsOf = async (asked: ProviderCall): Promise<StreamPart[]> => {
    const parts: StreamPart[] = [];
    for await (const group of provider.chat.stream(asked, never())) parts.push(...group);
    return parts;
  };

  beforeAll(async () => {
    upstream = await FakeUpstream.start();
  });
  afterAll(() => upstream.stop());
  beforeEach(() => {
    provider = connect();
  });
  afterEach(async () => {
    await provider.close();
    upstream.clear();
  });

  describe('beside the SDK', () => {
    /** The SDK as its users call it, its own fetch included. */
    const sdk = (asked: ProviderCall): { model: GenerativeModel; request: GenerateContentRequest } => {
      const { model, body } = toRequest(asked);
      const { contents, generationConfig, tools, toolConfig } = body;
      const client = new GoogleGenerativeAI(KEY).getGenerativeModel(
        { model, generationConfig, tools, toolConfig, systemInstruction: asked.system },
        { baseUrl: upstream.url },
      );
      return { model: client, request: { contents } };
    };
    const wire = ({ method, path, headers, body }: UpstreamCall): object => ({
      method,
      path,
      type: headers['content-type'],
      key: headers['x-goog-api-key'],
      // The SDK always says that it sets no safety of its own; an empty list means the same as none.
      body: { safetySettings: [], ...body },
    });

    it.each([
      ['the least', call()],
      ['everything', fullCall],
      ['a tuned model', call({ model: 'tunedModels/mine' })],
    ])('sends the same request: %s', async (_what, asked) => {
      const { model, request } = sdk(asked);
      await model.generateContent(request);
      await provider.chat.complete(asked, never());
      const [theirs, ours] = upstream.calls.map(wire);
      expect(ours).toEqual(theirs);
    });

    it('sends the same request for a stream', async () => {
      const { model, request } = sdk(fullCall);
      await (
        await model.generateContentStream(request)
      ).response;
      await partsOf(fullCall);
      const [theirs, ours] = upstream.calls.map(wire);
      expect(ours).toEqual(theirs);
    });

    it('reads the same answer', async () => {
      const said = {
        text: 'It is sunny — 24 °C.',
        toolCalls: [{ name: 'weather', arguments: '{"city":"Rome"}' }],
        usage: { prompt: 40, completion: 12, cached: 8 },
      };
      upstream.next(said, said);
      const { model, request } = sdk(call());
      const { response } = await model.generateContent(request);
      const ours = await provider.chat.complete(call(), never());
      expect(ours.content).toBe(response.text());
      expect(ours.rawFinishReason).toBe(response.candidates?.[0]?.finishReason);
      expect(
        ours.toolCalls?.map(({ name, arguments: args }) => ({ name, args: JSON.parse(args) as unknown })),
      ).toEqual(response.functionCalls());
      const { promptTokenCount, candidatesTokenCount, cachedContentTokenCount } = response.usageMetadata!;
      expect(ours.usage).toEqual({
        promptTokens: promptTokenCount,
        completionTokens: candidatesTokenCount,
        cachedPromptTokens: cachedContentTokenCount,
      });
    });

    it('reads the same stream', async () => {
      const said = { text: 'Grüße aus Köln, 東京 und 🌍!', chunks: 7, usage: { prompt: 40, completion: 12 } };
      upstream.next({ answer: said, dripBytes: 11 }, { answer: said, dripBytes: 11 });
      const { model, request } = sdk(call());
      const whole = await (await model.generateContentStream(request)).response;
      const parts = await partsOf(call());
      expect(parts.map((part) => (part.type === 'text' ? part.text : '')).join('')).toBe(whole.text());
      expect(parts.at(-1)).toEqual({
        type: 'finish',
        finishReason: 'stop',
        rawFinishReason: whole.candidates?.[0]?.finishReason,
        usage: {
          promptTokens: whole.usageMetadata?.promptTokenCount,
          completionTokens: whole.usageMetadata?.candidatesTokenCount,
        },
      });
    });

    it.each<[number, ErrorReason | undefined]>([
      [400, undefined],
      [400, 'bad_key'],
      [400, 'context_length'],
      [403, undefined],
      [404, 'model'],
      [429, undefined],
      [429, 'quota'],
      [500, undefined],
      [503, undefined],
    ])('fails the same: %i %s', async (code, reason) => {
      upstream.next(status(code, { reason }), status(code, { reason }));
      const { model, request } = sdk(call());
      const theirs: unknown = await model.generateContent(request).catch((error: unknown) => error);
      const ours: unknown = await provider.chat.complete(call(), never()).catch((error: unknown) => error);
      expect(theirs).toMatchObject({ constructor: GoogleGenerativeAIFetchError, status: code });
      expect(ours).toMatchObject({ status: code });
      expect((theirs as Error).message).toContain((ours as Error).message);
    });
  });

  it('keeps the key out of the URL and of errors', async () => {
    upstream.next(status(400, { message: `API key not valid: ${KEY}` }));
    const error: unknown = await provider.chat.complete(call(), never()).catch((thrown: unknown) => thrown);
    expect(upstream.lastCall.path).toBe('/v1beta/models/gemini-2.5-flash:generateContent');
    expect(error).toMatchObject({ fault: 'authentication' });
    expect((error as Error).message).not.toContain(KEY);
  });

  it.each(['../../../x', 'tunedModels/../../x', '..', 'a/./b', '/x', 'a//b'])(
    'never leaves its base path, whatever model is named: %s',
    async (model) => {
      const before = upstream.calls.length;
      const error: unknown = await provider.chat
        .complete(call({ model }), never())
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ fault: 'model_not_found', message: 'There is no model of that name.' });
      expect(upstream.calls).toHaveLength(before);
    },
  );

  it('answers a blocked prompt rather than fail', async () => {
    upstream.next(raw(JSON.stringify({ promptFeedback: { blockReason: 'SAFETY' } })));
    expect(await provider.chat.complete(call(), never())).toMatchObject({
      content: '',
      finishReason: 'content_filter',
      rawFinishReason: 'SAFETY',
    });
  });

  it('counts thoughts into the answer and gives them as reasoning', async () => {
    const said = {
      text: 'Four.',
      reasoning: 'Two and two.',
      usage: { prompt: 9, completion: 20, reasoning: 15 },
    };
    upstream.next(said, said);
    const usage = { promptTokens: 9, completionTokens: 20, reasoningTokens: 15 };
    expect(await provider.chat.complete(call(), never())).toMatchObject({
      content: 'Four.',
      reasoning: 'Two and two.',
      usage,
    });
    expect((await partsOf(call())).at(-1)).toMatchObject({ type: 'finish', usage });
  });

  it('leaves out the penalties where the model refuses them, and remembers it', async () => {
    const asked = call({ frequencyPenalty: 0.5, asked: {} });
    upstream.next(status(400, { message: 'Penalty is not enabled for models/gemini-2.5-flash' }));
    expect((await provider.chat.complete(asked, never())).finishReason).toBe('stop');
    await provider.chat.complete(asked, never());
    const sent = upstream.calls.map(({ rawBody }) => rawBody.includes('frequencyPenalty'));
    expect(sent).toEqual([true, false, false]);
  });

  it.each([500, 503, 429, 400])('leaves a %i to our own retry policy: one request', async (code) => {
    upstream.next(status(code));
    await expect(provider.chat.complete(call(), never())).rejects.toMatchObject({ status: code });
    expect(upstream.calls).toHaveLength(1);
  });

  it('does not follow a redirect, nor send the key along', async () => {
    upstream.next({ status: 307, headers: { location: `${upstream.url}/elsewhere` }, body: '' });
    await expect(provider.chat.complete(call(), never())).rejects.toMatchObject({ status: 307 });
    expect(upstream.calls).toHaveLength(1);
  });

  it('probes without spending tokens', async () => {
    await provider.probe(never());
    expect(upstream.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1beta/models?pageSize=1',
    ]);
    upstream.nextGet(status(400, { reason: 'bad_key' }));
    await expect(provider.probe(never())).rejects.toMatchObject({ fault: 'authentication' });
  });

  it.each(['', '/', '/v1beta', '/v1beta/'])('takes an endpoint that ends in "%s"', async (suffix) => {
    const other = connect(suffix);
    await other.chat.complete(call(), never());
    await other.close();
    expect(upstream.lastCall.path).toBe('/v1beta/models/gemini-2.5-flash:generateContent');
  });

  it('keeps the path and the query of an endpoint', async () => {
    const other = connect('/gateway/v1beta?tenant=a');
    for await (const parts of other.chat.stream(call(), never())) expect(parts.length).toBeGreaterThan(0);
    await other.close();
    expect(upstream.lastCall.path).toBe(
      '/gateway/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse&tenant=a',
    );
  });
});
