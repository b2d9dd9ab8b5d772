import OpenAI, { APIError, BadRequestError, NotFoundError } from 'openai';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { cutAfter, status } from '../fakes/upstream/upstream-script.js';
import { deactivateAll, registerProvider, TYPES } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const SAID = { text: 'Hello from upstream', chunks: 4, usage: { prompt: 7, completion: 5, cached: 2 } };
const ASK = { model: 'test-model', messages: [{ role: 'user' as const, content: 'Hi' }] };

describe('the API in OpenAI’s wire format, by OpenAI’s own client', () => {
  let service: RunningService;
  let upstream: FakeUpstream;
  let second: FakeUpstream;
  let client: OpenAI;

  beforeAll(async () => {
    [service, upstream, second] = await Promise.all([
      RunningService.start({ AI_API_KEYS: 'app:admin:chat-secret-0001', AI_STREAM_RECOVERY: 'off' }),
      FakeUpstream.start(),
      FakeUpstream.start(),
    ]);
    service.headers['x-api-key'] = 'chat-secret-0001';
    client = new OpenAI({
      apiKey: 'chat-secret-0001',
      baseURL: `${service.url}/ai-providers/v1`,
      maxRetries: 0,
    });
  }, 90_000);

  beforeEach(() => {
    upstream.clear();
    second.clear();
    upstream.default(SAID);
    second.default(SAID);
  });

  afterEach(async () => {
    await deactivateAll(service);
  });

  afterAll(async () => {
    await service.stop();
    await Promise.all([upstream.stop(), second.stop()]);
  });

  describe.each(TYPES)('over %s', (type) => {
    it('gives a whole chat completion', async () => {
      await registerProvider(service, upstream, { type });
      const answer = await client.chat.completions.create(ASK);
      expect(answer).toMatchObject({
        object: 'chat.completion',
        choices: [{ index: 0, message: { role: 'assistant', content: SAID.text }, finish_reason: 'stop' }],
        usage: {
          prompt_tokens: 7,
          completion_tokens: 5,
          total_tokens: 12,
          prompt_tokens_details: { cached_tokens: 2 },
        },
      });
    });

    it('streams chunks, the usage only where it was asked for', async () => {
      await registerProvider(service, upstream, { type });
      const read = async (options?: { include_usage: boolean }): Promise<OpenAI.ChatCompletionChunk[]> => {
        const chunks: OpenAI.ChatCompletionChunk[] = [];
        const stream = await client.chat.completions.create({
          ...ASK,
          stream: true,
          stream_options: options,
        });
        for await (const chunk of stream) chunks.push(chunk);
        return chunks;
      };
      const chunks = await read({ include_usage: true });
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(SAID.text);
      expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
      expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
      expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 5 } });
      const without = await read();
      expect(without.every(({ usage }) => usage === undefined)).toBe(true);
      expect(without.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    });

    it('makes the client throw on a stream that was cut', async () => {
      await registerProvider(service, upstream, { type });
      upstream.default(cutAfter(2, SAID));
      const stream = await client.chat.completions.create({ ...ASK, stream: true });
      const read = async (): Promise<void> => {
        for await (const chunk of stream) expect(chunk.choices[0]?.finish_reason ?? null).toBeNull();
      };
      await expect(read()).rejects.toThrow(APIError);
    });
  });

  it('takes a model, a provider’s name or id, or auto', async () => {
    const first = await registerProvider(service, upstream, {
      name: 'first one',
      model: 'model-a',
      priority: 1,
    });
    const other = await registerProvider(service, second, { name: 'second one', model: 'model-b' });
    const modelOf = async (model: string): Promise<string> =>
      String(
        (await client.chat.completions.create({ ...ASK, model })) &&
          (second.calls.length > 0 ? 'second' : 'first'),
      );
    for (const [model, expected] of [
      ['model-b', 'second'],
      ['second one', 'second'],
      [other.id, 'second'],
      ['model-a', 'first'],
      [first.id, 'first'],
      ['auto', 'first'],
    ] as const) {
      upstream.clear();
      second.clear();
      expect(await modelOf(model)).toBe(expected);
    }
  });

  it('tries the fallbacks in their order after the model', async () => {
    const third = await FakeUpstream.start();
    await registerProvider(service, upstream, { model: 'model-a', retryAttempts: 1 });
    await registerProvider(service, second, { model: 'model-b', retryAttempts: 1, priority: 9 });
    await registerProvider(service, third, { model: 'model-c', retryAttempts: 1, priority: 5 });
    for (const dead of [upstream, third]) dead.default(status(500));
    const asked = { ...ASK, model: 'model-a', fallbacks: ['model-c', 'model-b'] };
    const answer = await client.chat.completions.create(asked);
    expect(answer.choices[0]?.message.content).toBe(SAID.text);
    expect([upstream, third, second].map(({ calls }) => calls.length)).toEqual([1, 1, 1]);
    await third.stop();
  });

  it('answers errors as OpenAI does', async () => {
    await registerProvider(service, upstream);
    await expect(client.chat.completions.create({ ...ASK, model: 'nobody-has-it' })).rejects.toThrow(
      NotFoundError,
    );
    await expect(client.chat.completions.create({ ...ASK, messages: [] })).rejects.toThrow(BadRequestError);
    const { status: code, body } = await service.call('POST', '/ai-providers/v1/chat/completions', {
      ...ASK,
      temperature: 7,
    });
    expect(code).toBe(400);
    expect(body).toMatchObject({
      error: { type: 'invalid_request_error', param: 'temperature', code: 'validation_failed' },
    });
    service.headers['x-api-key'] = 'wrong';
    const refused = await service.call('GET', '/ai-providers/v1/models');
    service.headers['x-api-key'] = 'chat-secret-0001';
    expect(refused).toMatchObject({ status: 401, body: { error: { type: 'authentication_error' } } });
  });

  it.each([
    ['context_length', 'context_length_exceeded'],
    ['content_filter', 'content_filter'],
  ] as const)('says a vendor’s %s by the code that OpenAI’s clients look for', async (reason, code) => {
    await registerProvider(service, upstream, { type: 'ANTHROPIC' });
    upstream.default(status(400, { reason }));
    const refused = await client.chat.completions.create(ASK).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 400, type: 'invalid_request_error', code });
  });

  it.each<[string, string, string | undefined, number, string]>([
    ['a body that is no JSON', 'chat/completions', '{"model":', 400, 'validation_failed'],
    ['a path that nobody knows', 'completions', undefined, 404, 'not_found'],
  ])('refuses %s in OpenAI’s form too', async (_, path, body, expected, code) => {
    const method = body === undefined ? 'GET' : 'POST';
    const answer = await service.call(method, `/ai-providers/v1/${path}`, body);
    expect(answer).toMatchObject({
      status: expected,
      body: { error: { type: 'invalid_request_error', code, message: expect.any(String) as string } },
    });
  });

  it('lists each model that an active provider serves once', async () => {
    await registerProvider(service, upstream, { model: 'model-a' });
    await registerProvider(service, second, { model: 'model-a' });
    await registerProvider(service, second, { model: 'model-b' });
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id).sort()).toEqual(['model-a', 'model-b']);
  });

  it('explains the way of a request without sending it', async () => {
    const low = await registerProvider(service, upstream, { model: 'model-a' });
    const high = await registerProvider(service, second, { model: 'model-a', priority: 3 });
    const other = await registerProvider(service, second, { model: 'model-b' });
    const { status: code, body } = await service.call('POST', '/ai-providers/routing/explain', {
      prompt: 'Hi',
      model: 'model-a',
    });
    expect(code).toBe(200);
    expect(body).toMatchObject({
      candidates: [
        { position: 1, providerId: high.id, wouldBeTried: true, skipped: null },
        { position: 2, providerId: low.id, wouldBeTried: true },
      ],
      passedOver: expect.arrayContaining([
        expect.objectContaining({ providerId: other.id, skipped: 'lacks_model' }),
      ]) as unknown,
    });
    expect(upstream.calls.length + second.calls.length).toBe(0);
    const nobody = { prompt: 'Hi', providerId: '00000000-0000-4000-8000-000000000000' };
    expect(await service.call('POST', '/ai-providers/routing/explain', nobody)).toMatchObject({
      status: 404,
      body: { code: 'PROVIDER_NOT_FOUND' },
    });
  });
});
