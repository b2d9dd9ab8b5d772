import type { AIProviderView } from '../../src/modules/ai-providers/interfaces/ai-provider.interface.js';
import { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { deactivateAll, registerProvider, TYPES } from './support/providers.js';
import { RunningService } from './support/running-service.js';

const SAID = { text: 'Hello from upstream', chunks: 2, usage: { prompt: 7, completion: 5 } };

interface Turn {
  role: string;
  content?: unknown;
  refusal?: string | null;
  calls?: { id: string; name: string; arguments?: unknown }[];
  callId?: string;
}

const tool = (
  name: string,
  parameters: object = { type: 'object', properties: { a: { type: 'string' } } },
) => ({
  name,
  parameters,
});
const weather = (id: string, city: string): NonNullable<Turn['calls']>[number] => ({
  id,
  name: 'weather',
  arguments: JSON.stringify({ city }),
});

/** Conversations that one vendor or another refuses as they stand. */
const CONVERSATIONS: Record<string, Turn[]> = {
  'half a character in texts, names of fields and arguments': [
    { role: 'user', content: 'cut \ud83d here' },
    { role: 'assistant', content: '', calls: [{ id: 'a', name: 'f', arguments: '{"\ud83d":"\\ud83d"}' }] },
    { role: 'tool', callId: 'a', content: '{"x":"\\ude00"}' },
  ],
  'results in another order than their calls': [
    { role: 'user', content: 'Weather?' },
    { role: 'assistant', content: null, calls: [weather('paris', 'Paris'), weather('tokyo', 'Tokyo')] },
    { role: 'tool', callId: 'tokyo', content: 'rain' },
    { role: 'tool', callId: 'paris', content: 'sun' },
  ],
  'ids that come again, of a foreign shape': [
    { role: 'user', content: 'Weather?' },
    { role: 'assistant', content: null, calls: [weather('functions.weather:0', 'Oslo')] },
    { role: 'tool', callId: 'functions.weather:0', content: 'snow' },
    { role: 'assistant', content: null, calls: [weather('functions.weather:0', 'Rome')] },
    { role: 'tool', callId: 'functions.weather:0', content: 'sun' },
  ],
  'a call that was interrupted, a result without its call': [
    { role: 'user', content: 'Weather?' },
    { role: 'tool', callId: 'lost', content: 'wind' },
    { role: 'assistant', content: 'Looking', calls: [weather('a', 'Oslo'), weather('b', 'Rome')] },
    { role: 'tool', callId: 'b', content: 'sun' },
    { role: 'user', content: 'Stop' },
  ],
  'calls without arguments': [
    { role: 'user', content: 'Time?' },
    {
      role: 'assistant',
      content: null,
      calls: [
        { id: 'a', name: 'f' },
        { id: 'b', name: 'f', arguments: ' ' },
        { id: 'c', name: 'f', arguments: null },
        { id: 'd', name: 'f', arguments: { a: 'x' } },
        { id: 'e', name: 'f', arguments: 'null' },
      ],
    },
    ...['a', 'b', 'c', 'd', 'e'].map((callId) => ({ role: 'tool', callId, content: 'noon' })),
  ],
  'turns that carry nothing': [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: null },
    { role: 'assistant' },
    { role: 'user', content: 'b' },
    { role: 'assistant', content: '' },
    { role: 'user', content: 'c' },
  ],
  'turns of white space alone': [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: ' \n' },
    { role: 'user', content: '\t' },
    { role: 'user', content: 'b' },
  ],
  'a refusal': [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: null, refusal: 'No.' },
    { role: 'user', content: 'b' },
  ],
  'an assistant that speaks first': [
    { role: 'assistant', content: 'Welcome' },
    { role: 'user', content: 'a' },
  ],
  'white space at the end': [
    { role: 'user', content: 'a' },
    { role: 'assistant', content: 'Say: \n' },
  ],
};

const WAYS = ['own', 'own, streamed', 'OpenAI', 'OpenAI, streamed'] as const;

describe('conversations that vendors refuse as they stand', () => {
  let service: RunningService;
  let upstream: FakeUpstream;

  beforeAll(async () => {
    [service, upstream] = await Promise.all([RunningService.start(), FakeUpstream.start()]);
  }, 90_000);
  beforeEach(() => {
    upstream.clear();
    upstream.default(SAID);
  });
  afterEach(async () => {
    await deactivateAll(service);
  });
  afterAll(async () => {
    await service.stop();
    await upstream.stop();
  });

  const ask = async (
    way: (typeof WAYS)[number],
    turns: Turn[],
    more: { tools?: { name: string; parameters: object }[]; schema?: object } = {},
  ): Promise<string> => {
    const stream = way.includes('streamed');
    const isOwn = way.startsWith('own');
    const body = isOwn ? ownBody(turns, more) : openaiBody(turns, more);
    const path = isOwn ? '/ai-providers/complete' : '/ai-providers/v1/chat/completions';
    const { status, text } = await service.call('POST', path, { ...body, stream });
    return `${status} ${text}`;
  };

  describe.each(TYPES)('over %s', (type) => {
    it.each(Object.entries(CONVERSATIONS))('are answered: %s', async (_what, turns) => {
      await registerProvider(service, upstream, { type });
      for (const way of WAYS)
        expect(await ask(way, turns, { tools: [tool('weather'), tool('f')] })).toMatch(/^200 /);
      expect(upstream.lastCall.rawBody).not.toContain('\\ud83d');
    });

    it('give each result to its own call', async () => {
      await registerProvider(service, upstream, { type });
      for (const way of WAYS) {
        await ask(way, CONVERSATIONS['results in another order than their calls']!);
        const sent = upstream.lastCall.rawBody;
        const order = ['Paris', 'Tokyo', 'sun', 'rain'].map((word) => sent.indexOf(word));
        expect(order).toEqual([...order].sort((a, b) => a - b));
      }
    });

    it('hold no turn of white space alone', async () => {
      await registerProvider(service, upstream, { type });
      for (const way of WAYS) {
        await ask(way, CONVERSATIONS['turns of white space alone']!);
        expect(textsOf(upstream.lastCall.body).sort()).toEqual(['a', 'b']);
      }
    });

    it('make up no words', async () => {
      await registerProvider(service, upstream, { type });
      for (const way of WAYS) {
        await ask(way, CONVERSATIONS['an assistant that speaks first']!);
        expect(textsOf(upstream.lastCall.body).sort()).toEqual(['Welcome', 'a']);
      }
    });

    it.each<[string, object]>([
      ['a link', { type: 'object', properties: { a: { type: 'string', format: 'uri' } } }],
      ['a list of anything', { type: 'object', properties: { a: { type: 'array' } } }],
      [
        'a nullable choice',
        { type: 'object', properties: { a: { type: ['string', 'null'], enum: ['a', null, ''] } } },
      ],
      ['a map', { type: 'object', additionalProperties: { type: 'number' } }],
      ['an absent property that is required', { type: 'object', properties: {}, required: ['a'] }],
    ])('are answered with a tool of any schema: %s', async (_what, parameters) => {
      await registerProvider(service, upstream, { type });
      for (const way of WAYS) {
        const turns = [{ role: 'user', content: 'a' }];
        expect(await ask(way, turns, { tools: [tool('t', parameters)] })).toMatch(/^200 /);
      }
    });
  });

  describe('over servers with templates of their own', () => {
    const register = (model: string): Promise<AIProviderView> =>
      registerProvider(service, upstream, { type: 'CUSTOM', model });
    const foreign = CONVERSATIONS['ids that come again, of a foreign shape']!;

    it.each(['mistral-large-latest', 'nine-letters'])(
      'reshape ids for %s, call and answer alike',
      async (model) => {
        await register(model);
        for (const way of WAYS) expect(await ask(way, foreign)).toMatch(/^200 /);
        const count = upstream.calls.length;
        expect(count).toBe(model === 'nine-letters' ? WAYS.length + 1 : WAYS.length);
      },
    );

    it.each(['alternating', 'alternating-no-system'])(
      'let turns alternate for %s, once it was learnt',
      async (model) => {
        await register(model);
        const turns = [
          { role: 'system', content: 'Be brief' },
          { role: 'user', content: 'a' },
          { role: 'user', content: 'b' },
        ];
        expect(await ask('own', turns)).toMatch(/^200 /);
        upstream.calls.length = 0;
        for (const way of WAYS) expect(await ask(way, turns)).toMatch(/^200 /);
        expect(upstream.calls).toHaveLength(WAYS.length);
        expect(textsOf(upstream.lastCall.body).join('|')).toMatch(/Be brief[|\n]+a\n\nb/);
      },
    );
  });

  it.each(['ANTHROPIC', 'GOOGLE'] as const)(
    'let the user begin where %s wants it, once it was learnt',
    async (type) => {
      await registerProvider(service, upstream, { type, model: 'user-first' });
      const turns = CONVERSATIONS['an assistant that speaks first']!;
      for (const way of WAYS) expect(await ask(way, turns)).toMatch(/^200 /);
      expect(upstream.calls).toHaveLength(WAYS.length + 1);
      expect(textsOf(upstream.lastCall.body).sort()).toEqual(['Welcome', 'a']);
    },
  );

  describe('with an answer’s schema over Claude', () => {
    const named = {
      type: 'object',
      properties: { name: { type: 'string', maxLength: 3 } },
      required: ['name'],
    };
    const turns = [{ role: 'user', content: 'a' }];

    it('is sent closed, what the grammar lacks in words', async () => {
      await registerProvider(service, upstream, { type: 'ANTHROPIC' });
      upstream.default({ text: '{"name":"Ann"}' });
      for (const way of WAYS) expect(await ask(way, turns, { schema: named })).toMatch(/^200 .*Ann/s);
      expect(upstream.lastCall.body['output_config']).toEqual({
        format: {
          type: 'json_schema',
          schema: {
            type: 'object',
            properties: { name: { type: 'string', description: '{maxLength: 3}' } },
            required: ['name'],
            additionalProperties: false,
          },
        },
      });
    });

    it('fails over from an answer that is not what the schema says, and never tells it as whole', async () => {
      await registerProvider(service, upstream, { type: 'ANTHROPIC', retryAttempts: 1 });
      for (const way of WAYS) {
        upstream.clear();
        upstream.default({ text: '{"name":"Annabel"}', chunks: 1 });
        const said = await ask(way, turns, { schema: named });
        if (way.includes('streamed')) expect(said).toMatch(/error/);
        else expect(said).toMatch(/^502 .*schema of the request/);
      }
    });

    it('is a tool where no grammar can say it', async () => {
      await registerProvider(service, upstream, { type: 'ANTHROPIC' });
      const schema = { type: 'object', additionalProperties: { type: 'number' } };
      upstream.default({ toolCalls: [{ name: 'answer_in_json', arguments: '{"a":1}' }] });
      for (const way of WAYS)
        expect(await ask(way, turns, { schema })).toMatch(/^200 .*\{\\?"a\\?":1|^200 .*"content":"\{/s);
      expect(upstream.lastCall.body['tools']).toMatchObject([{ input_schema: schema }]);
      expect(upstream.lastCall.body).not.toHaveProperty('output_config');
    });
  });

  it('are refused by their place where no vendor could make sense of them', async () => {
    await registerProvider(service, upstream);
    for (const way of WAYS) {
      expect(
        await ask(way, [
          { role: 'user', content: 'a' },
          { role: 'assistant', content: 7 },
        ]),
      ).toMatch(/^400 .*messages\.1\.content/);
    }
  });
});

function ownBody(turns: Turn[], { tools, schema }: { tools?: object[]; schema?: object }): object {
  return {
    messages: turns.map(({ calls, callId, ...turn }) => ({ ...turn, toolCalls: calls, toolCallId: callId })),
    ...(tools && { tools }),
    ...(schema && { responseFormat: { type: 'json_schema', schema } }),
  };
}

function openaiBody(turns: Turn[], { tools, schema }: { tools?: object[]; schema?: object }): object {
  return {
    model: 'auto',
    messages: turns.map(({ calls, callId, ...turn }) => ({
      ...turn,
      tool_calls: calls?.map(({ id, name, arguments: args }) => ({
        id,
        type: 'function',
        function: { name, arguments: args },
      })),
      tool_call_id: callId,
    })),
    ...(tools && { tools: tools.map((one) => ({ type: 'function', function: one })) }),
    ...(schema && { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }),
  };
}

/** Every text of turns and system text, whatever the dialect. */
function textsOf(body: Record<string, unknown>): string[] {
  const texts: string[] = [];
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, held] of Object.entries(value)) {
      if ((key === 'text' || key === 'content') && typeof held === 'string') texts.push(held);
      else walk(held);
    }
  };
  if (typeof body['system'] === 'string') texts.push(body['system']);
  for (const field of ['messages', 'contents', 'systemInstruction']) walk(body[field]);
  return texts;
}
