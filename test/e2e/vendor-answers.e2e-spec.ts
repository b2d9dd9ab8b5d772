import type {
  CompletionEnd,
  CompletionResponse,
} from '../../src/modules/ai-providers/interfaces/completion.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { raw } from '../fakes/upstream/upstream-script.js';
import { streamCompletion } from './support/event-stream.reader.js';
import { deactivateAll, registerProvider } from './support/providers.js';
import { RunningService } from './support/running-service.js';

interface Call {
  id: string;
  type: 'function';
  index?: number;
  function: { name?: string; arguments: string };
}

interface Message {
  content: string | null;
  refusal?: string | null;
  tool_calls?: Call[];
}

interface Chunk {
  id: string;
  model: string;
  created: number;
  choices: { delta: Message; finish_reason: string | null }[];
  usage?: { prompt_tokens: number; completion_tokens: number } | null;
  error?: { message: string };
}

/** What an answer came to, however it was asked for. */
interface Outcome {
  content: string | null;
  refusal: string | null;
  finish: string | null;
  calls: [name: string, args: string][];
  ids: string[];
  tokens: [number | null, number | null];
}

const EVENTS = { 'content-type': 'text/event-stream' };
const event = (json: object): string => `data: ${JSON.stringify(json)}\n\n`;

/** A plain answer and a stream of the same, as an OpenAI-compatible server would send them. */
const plain = (message: object, finish: unknown, more: object = {}): string =>
  JSON.stringify({
    id: 'u1',
    model: 'upstream-model',
    choices: [{ index: 0, message, finish_reason: finish }],
    ...more,
  });
const streamed = (deltas: object[], finish: unknown, more: object = {}): string =>
  [
    ...deltas.map((delta) => ({ choices: [{ index: 0, delta, finish_reason: null }] })),
    { choices: [{ index: 0, delta: {}, finish_reason: finish }], ...more },
  ]
    .map((chunk) => event({ id: 'u1', model: 'upstream-model', ...chunk }))
    .join('') + 'data: [DONE]\n\n';

const call = (name: string, args: unknown, more: object = {}): object => ({
  type: 'function',
  function: { name, arguments: args },
  ...more,
});

const OSLO = '{"city":"Oslo"}';
const CET = '{"zone":"CET"}';

describe('what vendors send, through both APIs, plain and streamed', () => {
  let service: RunningService;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [service, upstream] = await Promise.all([
      RunningService.start({
        AI_CACHE_TTL_SECONDS: '60',
        AI_RETRY_MAX_ATTEMPTS: '1',
        NODE_OPTIONS: '--max-old-space-size=512',
      }),
      FakeUpstream.start(),
    ]);
  }, 90_000);
  beforeEach(async () => {
    upstream.clear();
    await registerProvider(service, upstream, { type: 'CUSTOM', model: 'asked-model', retryAttempts: 1 });
  });
  afterEach(() => deactivateAll(service));
  afterAll(async () => {
    await service.stop();
    await upstream.stop();
  });

  const messages = [{ role: 'user', content: 'Hi' }];
  const ways = ['own', 'own streamed', 'OpenAI', 'OpenAI streamed'] as const;
  type Way = (typeof ways)[number];

  const answerWith = (body: string): void => {
    upstream.default(raw(body, body.startsWith('data:') ? EVENTS : {}));
  };

  let asks = 0;

  /** Asks something new; with `again` what may be answered from the cache. */
  async function ask(way: Way, again = false): Promise<Outcome> {
    const messages = [{ role: 'user', content: again ? way : `${way} ${++asks}` }];
    const asked = { messages };
    if (way === 'own') {
      const { status, body, text } = await service.call<CompletionResponse>(
        'POST',
        '/ai-providers/complete',
        asked,
      );
      if (status !== 200) throw new Error(text);
      return outcomeOf(body, body.content);
    }
    if (way === 'own streamed') {
      const { chunks, content, error, text } = await streamCompletion(service.url, asked);
      if (error ?? chunks.length === 0) throw new Error(text);
      const end = chunks.at(-1) as CompletionEnd;
      const deltas = chunks.flatMap((chunk) =>
        !chunk.done && chunk.toolCallDelta ? [chunk.toolCallDelta] : [],
      );
      expect(joined(deltas)).toEqual(end.toolCalls ?? []);
      return outcomeOf(end, content);
    }
    const body = {
      model: 'auto',
      messages,
      stream: way === 'OpenAI streamed',
      stream_options: { include_usage: true },
    };
    const { status, text } = await service.call('POST', '/ai-providers/v1/chat/completions', body);
    if (status !== 200) throw new Error(text);
    return way === 'OpenAI' ? openAIOutcome(JSON.parse(text) as never) : streamedOutcome(text);
  }

  it.each(ways)('%s: puts parallel calls together whatever their numbering', async (way) => {
    const calls = [call('weather', OSLO, { id: 'a', index: 0 }), call('clock', CET, { id: 'b', index: 0 })];
    answerWith(
      way.endsWith('streamed')
        ? streamed(
            calls.map((tool) => ({ tool_calls: [tool] })),
            'tool_calls',
          )
        : plain({ content: null, tool_calls: calls }, 'tool_calls'),
    );
    expect(await ask(way)).toMatchObject({
      calls: [
        ['weather', OSLO],
        ['clock', CET],
      ],
      ids: ['a', 'b'],
      finish: 'tool_calls',
    });
  });

  it.each(ways)('%s: gives calls without ids or arguments both, never the same id twice', async (way) => {
    const ids = new Set<string>();
    for (const args of ['', null, undefined, {}, ' ']) {
      const calls = [call('clock', args, { index: 4_000_000_000 }), call('look', args, { index: '-1' })];
      answerWith(
        way.endsWith('streamed')
          ? streamed(
              calls.map((tool) => ({ tool_calls: [tool] })),
              'stop',
            )
          : plain({ content: '', tool_calls: calls }, 'stop'),
      );
      const outcome = await ask(way);
      expect(outcome.calls).toEqual([
        ['clock', '{}'],
        ['look', '{}'],
      ]);
      expect(outcome.finish).toBe('tool_calls');
      for (const id of outcome.ids) ids.add(id);
    }
    expect(ids.size).toBe(10);
  });

  it.each(ways)('%s: reads the old form of a call', async (way) => {
    const function_call = { name: 'weather', arguments: OSLO };
    answerWith(
      way.endsWith('streamed')
        ? streamed(
            [{ function_call: { name: 'weather', arguments: '' } }, { function_call: { arguments: OSLO } }],
            'function_call',
          )
        : plain({ content: null, function_call }, 'function_call'),
    );
    expect(await ask(way)).toMatchObject({ calls: [['weather', OSLO]], finish: 'tool_calls' });
  });

  it.each(ways)('%s: knows the words of all vendors for an end', async (way) => {
    for (const [word, finish] of [
      ['max_tokens', 'length'],
      ['MAX_TOKENS', 'length'],
      ['model_length', 'length'],
      ['<|im_end|>', 'stop'],
      ['</s>', 'stop'],
      ['COMPLETE', 'stop'],
      ['end_turn', 'stop'],
      ['SAFETY', 'content_filter'],
      ['refusal', 'content_filter'],
    ] as const) {
      answerWith(
        way.endsWith('streamed') ? streamed([{ content: 'Hi' }], word) : plain({ content: 'Hi' }, word),
      );
      expect([word, (await ask(way)).finish]).toEqual([word, finish]);
    }
  });

  it.each(ways)('%s: takes an answer that its vendor gave up for a failed one', async (way) => {
    for (const word of [
      'insufficient_system_resource',
      'network_error',
      'MALFORMED_FUNCTION_CALL',
      'abort',
      'ERROR',
    ]) {
      answerWith(
        way.endsWith('streamed')
          ? streamed([{ content: 'The three' }], word)
          : plain({ content: 'The three' }, word),
      );
      await expect(ask(way)).rejects.toThrow(/ALL_PROVIDERS_FAILED|all_providers_failed|error/i);
    }
  });

  it.each(ways)('%s: never tells cut arguments as a whole call', async (way) => {
    const cut = call('weather', '{"city":"Os', { id: 'a', index: 0 });
    const answer = (finish: string): void =>
      answerWith(
        way.endsWith('streamed')
          ? streamed([{ tool_calls: [cut] }], finish)
          : plain({ content: null, tool_calls: [cut] }, finish),
      );
    answer('tool_calls');
    await expect(ask(way)).rejects.toThrow();
    answer('length');
    expect(await ask(way)).toMatchObject({ finish: 'length', calls: [['weather', '{"city":"Os']] });
  });

  it.each(ways)('%s: keeps a refusal apart, from the cache too', async (way) => {
    answerWith(
      way.endsWith('streamed')
        ? streamed([{ refusal: 'I cannot ' }, { refusal: 'help.' }], 'stop')
        : plain({ content: null, refusal: 'I cannot help.' }, 'stop'),
    );
    for (const time of ['asked', 'cached']) {
      const { refusal, content } = await ask(way, true);
      expect([time, refusal, content ?? '']).toEqual([time, 'I cannot help.', '']);
    }
    expect(upstream.calls.length).toBeLessThanOrEqual(1);
  });

  it.each(ways)('%s: takes usage from within a choice', async (way) => {
    const usage = { prompt_tokens: 300, completion_tokens: 200, total_tokens: 500 };
    const choice = { index: 0, finish_reason: 'stop', usage };
    answerWith(
      way.endsWith('streamed')
        ? event({ choices: [{ index: 0, delta: { content: 'Hi' } }] }) +
            event({ choices: [{ ...choice, delta: {} }], usage: null })
        : JSON.stringify({ choices: [{ ...choice, message: { content: 'Hi' } }] }),
    );
    expect((await ask(way)).tokens).toEqual([300, 200]);
  });

  it('takes usage from behind [DONE], and from the timings of llama.cpp', async () => {
    const usage = { prompt_tokens: 300, completion_tokens: 200 };
    const timings = { cache_n: 250, prompt_n: 50, predicted_n: 200 };
    for (const way of ways.filter((one) => one.endsWith('streamed'))) {
      answerWith(streamed([{ content: 'Hi' }], 'stop') + event({ choices: [], usage }));
      expect((await ask(way)).tokens).toEqual([300, 200]);
    }
    for (const way of ways) {
      const more = { timings };
      answerWith(
        way.endsWith('streamed')
          ? streamed([{ content: 'Hi' }], 'stop', more)
          : plain({ content: 'Hi' }, 'stop', more),
      );
      expect((await ask(way)).tokens).toEqual([300, 200]);
    }
  });

  it.each(ways)(
    '%s: reads arguments that are an object within a string, or follow an empty one',
    async (way) => {
      const head = call('weather', way.endsWith('streamed') ? '{}' : JSON.stringify(OSLO), {
        id: 'a',
        index: 0,
      });
      const rest = { index: 0, function: { arguments: OSLO } };
      const pieces = [head, ...(way.endsWith('streamed') ? [rest] : [])];
      answerWith(
        way.endsWith('streamed')
          ? streamed(
              pieces.map((piece) => ({ tool_calls: [piece] })),
              'tool_calls',
            )
          : plain({ content: null, tool_calls: pieces }, 'tool_calls'),
      );
      expect((await ask(way)).calls).toEqual([['weather', OSLO]]);
    },
  );

  it.each(ways)('%s: reads a list of all events of a stream', async (way) => {
    const choice = (text: string, finish: string | null): object => ({
      choices: [{ index: 0, delta: { content: text }, finish_reason: finish }],
    });
    const usage = { prompt_tokens: 300, completion_tokens: 200 };
    answerWith(JSON.stringify([choice('Hé ', null), { ...choice('😀', 'stop'), usage }], null, 1));
    expect(await ask(way)).toMatchObject({ content: 'Hé 😀', finish: 'stop', tokens: [300, 200] });
    await deactivateAll(service);
    await registerProvider(service, upstream, {
      type: 'GOOGLE',
      model: 'gemini-2.5-flash',
      retryAttempts: 1,
    });
    const candidate = (part: object, more: object = {}): object => ({
      candidates: [{ content: { role: 'model', parts: [part] }, ...more }],
      usageMetadata: { promptTokenCount: 30, candidatesTokenCount: 20 },
    });
    const city = { functionCall: { name: 'weather', args: { city: 'Oslo' } } };
    answerWith(
      `\n[${JSON.stringify(candidate({ text: 'Hé ' }))}\n,\r\n${JSON.stringify(candidate(city, { finishReason: 'STOP' }))}]`,
    );
    expect(await ask(way)).toMatchObject({
      content: 'Hé ',
      calls: [['weather', OSLO]],
      finish: 'tool_calls',
      tokens: [30, 20],
    });
    for (const none of ['[]', '["text"]', JSON.stringify([candidate({ text: 'half' })])]) {
      answerWith(none);
      await expect(ask(way)).rejects.toThrow();
    }
  });

  it.each(ways)('%s: takes the choices together for one answer', async (way) => {
    const part = way.endsWith('streamed') ? 'delta' : 'message';
    const body = {
      model: 'upstream-model',
      choices: [
        { index: 0, [part]: { content: 'Let me look.' }, finish_reason: 'tool_calls' },
        {
          index: 1,
          [part]: { content: 'Other.', tool_calls: [call('weather', OSLO, { id: 'a' })] },
          finish_reason: 'tool_calls',
        },
      ],
    };
    answerWith(way.endsWith('streamed') ? event(body) + 'data: [DONE]\n\n' : JSON.stringify(body));
    expect(await ask(way)).toMatchObject({
      content: 'Let me look.',
      calls: [['weather', OSLO]],
      finish: 'tool_calls',
    });
  });

  it('names one model in all chunks, the one that answers', async () => {
    answerWith(streamed([{ content: 'a' }, { content: 'b' }], 'stop'));
    const body = { model: 'auto', messages, stream: true, stream_options: { include_usage: true } };
    const { text } = await service.call('POST', '/ai-providers/v1/chat/completions', body);
    const chunks = chunksIn(text);
    expect(new Set(chunks.map(({ id, model, created }) => `${id} ${model} ${created}`)).size).toBe(1);
    expect(chunks[0]?.model).toBe('upstream-model');
  });

  it('outlives absurd answers, and serves others meanwhile', async () => {
    const piece = event({
      choices: [{ delta: { tool_calls: [{ index: 0, function: { arguments: 'x'.repeat(5_000) } }] } }],
    });
    const bodies = [
      event({ choices: [{ delta: { tool_calls: [call('f', '{"a":"', { index: 0 })] } }] }) +
        piece.repeat(12_000),
      '['.repeat(15_000_000),
      `{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`,
      `{"choices":[${'{},'.repeat(4_000_000)}{}]}`,
      event({
        choices: [
          { delta: { tool_calls: Array.from({ length: 200_000 }, (_, index) => call('f', '', { index })) } },
        ],
      }),
    ];
    for (const body of bodies) {
      answerWith(body);
      const asking = service.call('POST', '/ai-providers/complete', {
        messages,
        cache: false,
        stream: body.startsWith('data:'),
      });
      const started = performance.now();
      expect((await service.call('GET', '/health/live')).status).toBe(200);
      expect(performance.now() - started).toBeLessThan(2_000);
      const { status, text } = await asking;
      // After the commit point the stream ends with the error.
      expect(status === 502 || text.includes('event: error')).toBe(true);
    }
  });
});

function outcomeOf(
  { finishReason, toolCalls = [], refusal, usage }: Omit<CompletionResponse, 'content'> | CompletionEnd,
  content: string,
): Outcome {
  return {
    content,
    refusal: refusal ?? null,
    finish: finishReason,
    calls: toolCalls.map(({ name, arguments: text }) => [name, text]),
    ids: toolCalls.map(({ id }) => id),
    tokens: [usage.promptTokens, usage.completionTokens],
  };
}

function openAIOutcome({
  choices,
  usage,
}: {
  choices: { message: Message; finish_reason: string }[];
  usage: Chunk['usage'];
}): Outcome {
  const { message, finish_reason: finish } = choices[0]!;
  const calls = message.tool_calls ?? [];
  return {
    content: message.content,
    refusal: message.refusal ?? null,
    finish,
    calls: calls.map(({ function: wanted }) => [wanted.name ?? '', wanted.arguments]),
    ids: calls.map(({ id }) => id),
    tokens: [usage?.prompt_tokens ?? null, usage?.completion_tokens ?? null],
  };
}

function chunksIn(text: string): Chunk[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('data: {'))
    .map((block) => JSON.parse(block.slice(6)) as Chunk);
}

function streamedOutcome(text: string): Outcome {
  const chunks = chunksIn(text);
  const failed = chunks.find(({ error }) => error);
  if (failed) throw new Error(`error: ${failed.error?.message}`);
  const deltas = chunks.flatMap(({ choices }) => choices.map(({ delta }) => delta));
  const pieces = deltas.flatMap(({ tool_calls = [] }) => tool_calls);
  const calls = joined(
    pieces.map(({ index = -1, id, function: { name, arguments: args } }) => ({
      index,
      id,
      name,
      arguments: args,
    })),
  );
  const text_ = deltas.map(({ content }) => content ?? '').join('');
  const usage = chunks.findLast((chunk) => chunk.usage)?.usage;
  return {
    content: text_,
    refusal: deltas.map(({ refusal }) => refusal ?? '').join('') || null,
    finish:
      chunks.flatMap(({ choices }) => choices.map((choice) => choice.finish_reason)).findLast(Boolean) ??
      null,
    calls: calls.map(({ name, arguments: args }) => [name, args]),
    ids: calls.map(({ id }) => id),
    tokens: [usage?.prompt_tokens ?? null, usage?.completion_tokens ?? null],
  };
}

/** Calls of pieces in canonical form: indices in order of opening, id and name once. */
function joined(
  pieces: { index: number; id?: string; name?: string; arguments: string }[],
): { id: string; name: string; arguments: string }[] {
  const calls: { id: string; name: string; arguments: string }[] = [];
  for (const { index, id, name, arguments: text } of pieces) {
    const open = calls[index];
    if (open) {
      expect([id, name]).toEqual([undefined, undefined]);
      open.arguments += text;
    } else {
      expect(index).toBe(calls.length);
      calls.push({ id: id ?? '', name: name ?? '', arguments: text });
    }
  }
  return calls;
}
