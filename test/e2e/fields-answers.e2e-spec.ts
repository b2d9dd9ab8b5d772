import type { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { raw, status } from '../fakes/upstream/upstream-script.js';
import type { Script } from '../fakes/upstream/upstream-script.js';
import { registerProvider } from './support/providers.js';
import type { RunningService } from './support/running-service.js';
import { startServiceAndVendors } from './support/service-and-vendors.js';

type Body = Record<string, unknown>;
type Answer = Awaited<ReturnType<RunningService['call']>>;

const OUR_API = '/ai-providers/complete';
const OPENAI_API = '/ai-providers/v1/chat/completions';
const MESSAGES = [{ role: 'user', content: 'Hi' }];

const LOGPROBS = {
  content: [
    { token: 'H', logprob: -0.1, bytes: [72], top_logprobs: [{ token: 'h', logprob: -2, bytes: [104] }] },
    { token: 'i', logprob: -0.2, bytes: [105], top_logprobs: [] },
  ],
  refusal: null,
};

/** The same as Gemini tells it. */
const LOGPROBS_RESULT = {
  topCandidates: [{ candidates: [{ token: 'h', tokenId: 1, logProbability: -2 }] }, { candidates: [] }],
  chosenCandidates: [
    { token: 'H', tokenId: 2, logProbability: -0.1 },
    { token: 'i', tokenId: 3, logProbability: -0.2 },
  ],
};

const events = (...data: Body[]): Script =>
  raw(data.map((one) => `data: ${JSON.stringify(one)}\n\n`).join(''), {
    'content-type': 'text/event-stream',
  });

/** "Hi" with its probabilities, as each vendor says it, whole or in two events. */
const SAID: Record<'OPENAI' | 'GOOGLE', (stream: boolean) => Script> = {
  OPENAI: (stream) => {
    const [first, second] = LOGPROBS.content;
    const piece = (content: string, token: unknown, finish: string | null): Body => ({
      choices: [
        {
          index: 0,
          delta: { content },
          logprobs: { content: [token], refusal: null },
          finish_reason: finish,
        },
      ],
    });
    if (stream) return events(piece('H', first, null), piece('i', second, 'stop'));
    const message = { role: 'assistant', content: 'Hi' };
    return raw(
      JSON.stringify({ choices: [{ index: 0, message, logprobs: LOGPROBS, finish_reason: 'stop' }] }),
    );
  },
  GOOGLE: (stream) => {
    const piece = (text: string, from: number, to: number, more: Body): Body => ({
      candidates: [
        {
          content: { role: 'model', parts: [{ text }] },
          logprobsResult: {
            topCandidates: LOGPROBS_RESULT.topCandidates.slice(from, to),
            chosenCandidates: LOGPROBS_RESULT.chosenCandidates.slice(from, to),
          },
          ...more,
        },
      ],
    });
    const end = { finishReason: 'STOP' };
    return stream
      ? events(piece('H', 0, 1, {}), piece('i', 1, 2, end))
      : raw(JSON.stringify(piece('Hi', 0, 2, end)));
  },
};

/** What the events of a stream hold, without the sentinel. */
function eventsOf({ text }: Answer): Body[] {
  const data = text.split('\n').filter((line) => line.startsWith('data: {'));
  return data.map((line) => JSON.parse(line.slice(6)) as Body);
}

describe('what the answer to a request’s fields holds', () => {
  let service: RunningService;
  let upstream: FakeUpstream;
  let second: FakeUpstream;

  startServiceAndVendors((started) => {
    ({ service, upstream, second } = started);
  });

  const ours = (body: Body): Promise<Answer> =>
    service.call('POST', OUR_API, { messages: MESSAGES, ...body });
  const chat = (body: Body): Promise<Answer> =>
    service.call('POST', OPENAI_API, { model: 'auto', messages: MESSAGES, ...body });
  const bodyOf = ({ body }: Answer): Body => body as Body;
  const choiceOf = (answer: Answer): Body => (bodyOf(answer)['choices'] as Body[])[0] ?? {};
  const choicesOf = (answer: Answer): Body[] =>
    eventsOf(answer).flatMap(({ choices }) => (choices as Body[] | undefined) ?? []);

  it('is JSON from a Claude in JSON mode, through both APIs, plain and streamed', async () => {
    await registerProvider(service, upstream, { type: 'ANTHROPIC' });
    const json = { toolCalls: [{ name: 'answer_in_json', arguments: '{"city":"Rome"}' }] };
    upstream.next(json, json, json, json);
    const plain = bodyOf(await ours({ responseFormat: { type: 'json' } }));
    expect(plain).toMatchObject({ content: '{"city":"Rome"}', finishReason: 'stop', warnings: [] });
    expect(plain).not.toHaveProperty('toolCalls');
    expect(upstream.lastCall.body).toMatchObject({ tool_choice: { type: 'tool', name: 'answer_in_json' } });
    const streamed = eventsOf(await ours({ responseFormat: { type: 'json' }, stream: true }));
    expect(streamed.map(({ content }) => content).join('')).toBe('{"city":"Rome"}');
    expect(streamed.at(-1)).toMatchObject({ done: true, finishReason: 'stop' });
    const form = { response_format: { type: 'json_object' } };
    expect(choiceOf(await chat(form))).toMatchObject({
      message: { content: '{"city":"Rome"}' },
      finish_reason: 'stop',
    });
    const choices = choicesOf(await chat({ ...form, stream: true }));
    expect(choices.map(({ delta }) => (delta as { content?: string }).content ?? '').join('')).toBe(
      '{"city":"Rome"}',
    );
    expect(choices.at(-1)).toMatchObject({ finish_reason: 'stop' });
  });

  it.each(['OPENAI', 'GOOGLE'] as const)(
    'is how likely each token was, as %s tells it, through both APIs, plain and streamed',
    async (type) => {
      await registerProvider(service, upstream, { type });
      upstream.next(SAID[type](false), SAID[type](true), SAID[type](false), SAID[type](true));
      expect(bodyOf(await ours({ logprobs: 1 }))).toMatchObject({ content: 'Hi', logprobs: LOGPROBS });
      const chunks = eventsOf(await ours({ logprobs: 1, stream: true }));
      expect(chunks[0]).toMatchObject({ content: 'H', logprobs: { content: [LOGPROBS.content[0]] } });
      expect(chunks.at(-1)).toMatchObject({ done: true, logprobs: LOGPROBS });
      const asked = { logprobs: true, top_logprobs: 1 };
      expect(choiceOf(await chat(asked))).toMatchObject({ logprobs: LOGPROBS });
      const told = choicesOf(await chat({ ...asked, stream: true })).flatMap(
        ({ logprobs }) => (logprobs as typeof LOGPROBS | null)?.content ?? [],
      );
      expect(told).toEqual(LOGPROBS.content);
    },
  );

  it('is a function_call where functions were told, plain and streamed', async () => {
    await registerProvider(service, upstream);
    const asked = {
      functions: [{ name: 'f', parameters: { type: 'object' } }],
      function_call: { name: 'f' },
    };
    const called = { toolCalls: [{ name: 'f', arguments: '{"a":1}' }] };
    upstream.next(called, called);
    const plain = choiceOf(await chat(asked));
    expect(plain).toMatchObject({
      message: { content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
      finish_reason: 'function_call',
    });
    expect(plain['message']).not.toHaveProperty('tool_calls');
    const choices = choicesOf(await chat({ ...asked, stream: true }));
    const deltas = choices.map(
      ({ delta }) => delta as { function_call?: { name?: string; arguments: string } },
    );
    const pieces = deltas.flatMap(({ function_call: piece }) => (piece === undefined ? [] : [piece]));
    expect(pieces[0]).toMatchObject({ name: 'f' });
    expect(pieces.map((piece) => piece.arguments).join('')).toBe('{"a":1}');
    expect(choices.at(-1)).toMatchObject({ finish_reason: 'function_call' });
  });

  it('is without the reasoning that the caller excludes', async () => {
    await registerProvider(service, upstream, { type: 'CUSTOM' });
    upstream.default({ reasoning: 'I think', text: 'So' });
    expect(bodyOf(await ours({}))).toMatchObject({ reasoning: 'I think' });
    const exclude = { reasoning: { exclude: true } };
    for (const ask of [ours, chat]) {
      for (const stream of [false, true]) {
        const { status: code, text } = await ask({ ...exclude, stream });
        expect([code, text.includes('I think')]).toEqual([200, false]);
      }
    }
  });

  it('is had where a deployment wants the reasoning of each turn back', async () => {
    await registerProvider(service, upstream, { type: 'CUSTOM', retryAttempts: 1 });
    const message = 'The `reasoning_content` in the thinking mode must be passed back to the API.';
    upstream.next(status(400, { message }));
    const turns = [...MESSAGES, { role: 'assistant', content: 'a' }, { role: 'user', content: 'b' }];
    expect((await ours({ messages: turns })).status).toBe(200);
    expect(upstream.calls).toHaveLength(2);
    expect(upstream.lastCall.body).toMatchObject({ messages: [{}, { reasoning_content: '' }, {}] });
  });

  it('tells that a deployment refused the reasoning and the annotations of earlier turns', async () => {
    await registerProvider(service, upstream, { type: 'CUSTOM', retryAttempts: 1 });
    const said = {
      role: 'assistant',
      content: 'a',
      reasoning: 'Hm',
      annotations: [{ type: 'url_citation' }],
    };
    const turns = [...MESSAGES, said, { role: 'user', content: 'b' }];
    expect((await chat({ messages: turns })).headers.get('x-ai-warnings')).toBeNull();
    expect(upstream.lastCall.body).toMatchObject({
      messages: [{}, { reasoning_content: 'Hm', annotations: [{ type: 'url_citation' }] }, {}],
    });
    upstream.next(
      status(422, { message: 'messages.1.reasoning_content: Extra inputs are not permitted' }),
      status(400, { message: "'messages.1': property 'annotations' is unsupported" }),
    );
    for (const stream of [false, true]) {
      const { status: code, headers } = await chat({ messages: turns, stream });
      expect(code).toBe(200);
      expect(headers.get('x-ai-warnings')).toBe('messages.1.reasoning, messages.1.annotations');
      expect(upstream.lastCall.rawBody).not.toMatch(/reasoning_content|annotations/);
    }
    const { annotations: _, ...ourTurn } = said;
    const own = await ours({ messages: [...MESSAGES, ourTurn, { role: 'user', content: 'b' }] });
    expect(bodyOf(own)).toMatchObject({ warnings: [{ field: 'messages.1.reasoning', action: 'ignored' }] });
  });

  it('follows a turn that is the sound OpenAI keeps, at OpenAI alone', async () => {
    const claude = await registerProvider(service, upstream, { type: 'ANTHROPIC', priority: 9 });
    const audio = { id: 'audio-1' };
    const later = { role: 'user', content: 'b' };
    const heard = [...MESSAGES, { role: 'assistant', audio }, later];
    const kept = [...MESSAGES, { role: 'assistant', providerData: { openai: { audio } } }, later];
    expect(bodyOf(await chat({ messages: heard }))).toMatchObject({
      error: { code: 'unsupported_request', param: 'messages.1.audio' },
    });
    expect(bodyOf(await ours({ messages: kept }))).toMatchObject({
      code: 'UNSUPPORTED_REQUEST',
      field: 'messages.1.audio',
      attempts: [{ providerId: claude.id, skipped: 'lacks_feature' }],
    });
    for (const type of ['OPENAI', 'CUSTOM'] as const) {
      await registerProvider(service, second, { type });
      for (const asked of [chat({ messages: heard }), ours({ messages: kept })]) {
        expect((await asked).status).toBe(200);
        expect(second.lastCall.body).toMatchObject({ messages: [{}, { role: 'assistant', audio }, {}] });
      }
    }
    expect(upstream.calls).toHaveLength(0);
  });

  it('names what was narrowed or left out in a header, by the names of the API that was asked', async () => {
    await registerProvider(service, upstream, { type: 'ANTHROPIC' });
    const asked = { temperature: 1.5, seed: 3 };
    for (const stream of [false, true]) {
      const native = await ours({ ...asked, frequencyPenalty: 1, sessionId: 's', stream });
      expect(native.headers.get('x-ai-warnings')).toBe('temperature, frequencyPenalty, seed, sessionId');
      const openai = await chat({ ...asked, frequency_penalty: 1, prompt_cache_key: 's', stream });
      expect(openai.headers.get('x-ai-warnings')).toBe(
        'temperature, frequency_penalty, seed, prompt_cache_key',
      );
    }
  });

  it('comes from another candidate where one cannot serve, and names the field where none can', async () => {
    await registerProvider(service, upstream, { type: 'ANTHROPIC', priority: 9 });
    const asked = { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } };
    for (const stream of [false, true]) {
      expect(bodyOf(await chat({ ...asked, stream }))).toMatchObject({
        error: { code: 'unsupported_request', type: 'invalid_request_error', param: 'audio' },
      });
      expect(bodyOf(await ours({ logprobs: true, stream }))).toMatchObject({
        code: 'UNSUPPORTED_REQUEST',
        field: 'logprobs',
      });
    }
    await registerProvider(service, second);
    for (const stream of [false, true]) {
      expect((await chat({ ...asked, stream })).status).toBe(200);
      expect((await ours({ logprobs: true, stream })).status).toBe(200);
    }
    expect([upstream.calls.length, second.calls.length]).toEqual([0, 4]);
  });

  it.each<[string, Body]>([
    ['logprobs', { logprobs: 21 }],
    ['logprobs', { logprobs: 'yes' }],
    ['parallelToolCalls', { parallelToolCalls: 'no' }],
    ['reasoning', { reasoning: { effort: 'huge' } }],
    ['reasoning', { reasoning: { maxTokens: 0 } }],
    ['reasoning', { reasoning: { depth: 1 } }],
    ['sessionId', { sessionId: 'x'.repeat(513) }],
    ['user', { user: 1 }],
    ['providerOptions', { providerOptions: { openai: { model: 'x' } } }],
    ['providerOptions', { providerOptions: { constructor: {} } }],
    ['messages.0.providerData', { messages: [{ ...MESSAGES[0], providerData: { anthropic: {} } }] }],
    ['messages.0.reasoning', { messages: [{ ...MESSAGES[0], reasoning: 1 }] }],
  ])('is a refusal by path in our own API: %s of %j', async (field, asked) => {
    const answer = await ours(asked);
    expect(answer.status).toBe(400);
    expect(bodyOf(answer)).toMatchObject({ code: 'VALIDATION_FAILED', errors: [{ field }] });
  });

  it.each<[string, Body]>([
    ['providerOptions.openai.model', { providerOptions: { openai: { model: 'x' } } }],
    ['providerOptions.openai.n', { providerOptions: { openai: { n: 2 } } }],
    ['providerOptions.openai.stream', { providerOptions: { openai: { stream: true } } }],
    ['providerOptions.openai.messages', { providerOptions: { openai: { messages: [] } } }],
    ['providerOptions.google.contents', { providerOptions: { google: { contents: [] } } }],
    ['providerOptions.mistral', { providerOptions: { mistral: {} } }],
    ['f64', Object.fromEntries(Array.from({ length: 65 }, (_, index) => [`f${index}`, 1]))],
    [`${'x'.repeat(65)}`, { ['x'.repeat(65)]: 1 }],
    [`${'y'.repeat(65)}`, { messages: [{ ...MESSAGES[0], ['y'.repeat(65)]: 1 }] }],
  ])('is a refusal by path in OpenAI’s API: %s', async (param, asked) => {
    await registerProvider(service, upstream);
    const answer = await chat(asked);
    expect(answer.status).toBe(400);
    expect(bodyOf(answer)).toMatchObject({ error: { param } });
    expect(upstream.calls).toHaveLength(0);
  });
});
