import { readFileSync } from 'node:fs';
import type { FakeUpstream } from '../fakes/upstream/fake-upstream.js';
import { status } from '../fakes/upstream/upstream-script.js';
import { deactivateAll, registerProvider } from './support/providers.js';
import type { RunningService } from './support/running-service.js';
import { startServiceAndVendors } from './support/service-and-vendors.js';

type Body = Record<string, unknown>;

const MESSAGES = [{ role: 'user', content: 'Hi' }];

/** One value of each field of OpenAI's request; those that the service itself decides are not among them. */
const VALUES: Body = {
  audio: { voice: 'alloy', format: 'wav' },
  frequency_penalty: 0.5,
  function_call: 'auto',
  functions: [{ name: 'f', parameters: { type: 'object' } }],
  logit_bias: { '50256': -100 },
  logprobs: true,
  max_completion_tokens: 11,
  max_tokens: 12,
  metadata: { team: 'a' },
  modalities: ['text', 'audio'],
  moderation: { policy: { input: { mode: 'block' } } },
  parallel_tool_calls: false,
  prediction: { type: 'content', content: 'x' },
  presence_penalty: 0.5,
  prompt_cache_key: 'k',
  prompt_cache_options: { mode: 'explicit' },
  prompt_cache_retention: '24h',
  reasoning_effort: 'low',
  response_format: { type: 'json_object' },
  safety_identifier: 'who',
  seed: 4,
  service_tier: 'flex',
  stop: ['END'],
  store: true,
  temperature: 0.5,
  tool_choice: 'required',
  tools: [{ type: 'function', function: { name: 'f', strict: true, parameters: { type: 'object' } } }],
  top_logprobs: 3,
  top_p: 0.4,
  user: 'u',
  verbosity: 'low',
  web_search_options: { search_context_size: 'low' },
};

/** Decided by the service, or told elsewhere. */
const OURS = ['model', 'messages', 'n', 'stream', 'stream_options'];

/** What a field means only beside another one. */
const BESIDE: Record<string, string> = {
  top_logprobs: 'logprobs',
  tool_choice: 'tools',
  parallel_tool_calls: 'tools',
  function_call: 'functions',
};

/** Under which name the vendor gets it, where that is another one. */
const SENT_AS: Record<string, string> = {
  max_completion_tokens: 'max_tokens',
  functions: 'tools',
  function_call: 'tool_choice',
};

/** OpenAI's own list, so that a new one of its client turns this red. */
function declaredFields(): string[] {
  const path = 'node_modules/openai/resources/chat/completions/completions.d.ts';
  const text = readFileSync(path, 'utf8');
  const begin = text.indexOf('export interface ChatCompletionCreateParamsBase {');
  const block = text.slice(begin, text.indexOf('\n}', begin));
  return [...block.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => name ?? '');
}

describe('what the caller asks for', () => {
  let service: RunningService;
  let upstream: FakeUpstream;
  let second: FakeUpstream;

  startServiceAndVendors((started) => {
    ({ service, upstream, second } = started);
  });

  const chat = (more: Body): ReturnType<typeof service.call<Body>> =>
    service.call<Body>('POST', '/ai-providers/v1/chat/completions', {
      model: 'test-model',
      messages: MESSAGES,
      ...more,
    });

  const withField = (field: string): Body => {
    const other = BESIDE[field];
    return { [field]: VALUES[field], ...(other !== undefined && { [other]: VALUES[other] }) };
  };

  it('has a value here for each field that OpenAI’s client declares', () => {
    expect(
      declaredFields()
        .filter((name) => !OURS.includes(name))
        .sort(),
    ).toEqual(Object.keys(VALUES).sort());
  });

  it('reaches a vendor of OpenAI’s dialect, each field as it is', async () => {
    for (const type of ['OPENAI', 'CUSTOM'] as const) {
      await registerProvider(service, upstream, { type });
      for (const field of Object.keys(VALUES)) {
        const { status: code, text } = await chat(withField(field));
        expect([type, field, code, text]).toEqual([type, field, 200, text]);
        const sent = upstream.lastCall.body[SENT_AS[field] ?? field];
        expect([type, field, sent !== undefined]).toEqual([type, field, true]);
        if (typeof VALUES[field] !== 'object') expect([field, sent]).toEqual([field, VALUES[field]]);
      }
      await deactivateAll(service);
    }
  }, 60_000);

  it.each(['ANTHROPIC', 'GOOGLE'] as const)(
    'reaches %s, or is told of by name',
    async (type) => {
      await registerProvider(service, upstream, { type, model: 'test-model' });
      const plain = await chat({});
      expect(plain.status).toBe(200);
      const bare = upstream.lastCall.rawBody;
      for (const field of Object.keys(VALUES).filter((name) => name !== 'metadata')) {
        const { status: code, headers, body } = await chat(withField(field));
        const warned = headers.get('x-ai-warnings') ?? '';
        const error = body['error'] as Body | undefined;
        const isTold =
          warned.includes(field) ||
          (code === 400 && [field, BESIDE[field]].includes(String(error?.['param'])));
        const isSent = code === 200 && upstream.lastCall.rawBody !== bare;
        expect([type, field, code, isTold || isSent]).toEqual([type, field, code, true]);
      }
    },
    60_000,
  );

  it('goes at every depth to OpenAI’s dialect', async () => {
    await registerProvider(service, upstream);
    const image = { type: 'image_url', image_url: { url: 'https://example.com/a.png', detail: 'low' } };
    await chat({
      messages: [
        {
          role: 'system',
          content: [{ type: 'text', text: 'Be', prompt_cache_breakpoint: { mode: 'explicit' } }],
        },
        { role: 'user', content: [image, { type: 'file', file: { file_id: 'file-1' } }] },
        { role: 'assistant', content: 'a', audio: { id: 'audio-1' } },
        { role: 'user', content: 'b', name: 'ann' },
      ],
      tools: [
        { type: 'function', function: { name: 'f', strict: true, parameters: { type: 'object' } } },
        { type: 'custom', custom: { name: 'c', format: { type: 'text' } } },
      ],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'x', description: 'An x', strict: true, schema: { type: 'object' } },
      },
    });
    expect(upstream.lastCall.body).toMatchObject({
      messages: [
        { content: [{ text: 'Be', prompt_cache_breakpoint: { mode: 'explicit' } }] },
        { content: [image, { type: 'file', file: { file_id: 'file-1' } }] },
        { audio: { id: 'audio-1' } },
        { name: 'ann' },
      ],
      tools: [{ function: { strict: true } }, { type: 'custom', custom: { name: 'c' } }],
      response_format: { json_schema: { description: 'An x', strict: true } },
    });
  });

  it('is narrowed or left out with a warning in our own API, plain and streamed', async () => {
    await registerProvider(service, upstream, { type: 'ANTHROPIC' });
    const asked = { prompt: 'Hi', temperature: 1.5, seed: 3 };
    const warnings = [
      { field: 'temperature', action: 'narrowed' },
      { field: 'seed', action: 'ignored' },
    ];
    const plain = await service.call<Body>('POST', '/ai-providers/complete', asked);
    expect(plain.body).toMatchObject({ warnings });
    const streamed = await service.call('POST', '/ai-providers/complete', { ...asked, stream: true });
    expect(streamed.text).toContain('"field":"seed","action":"ignored"');
    const silent = await service.call<Body>('POST', '/ai-providers/complete', { prompt: 'Hi' });
    expect(silent.body).toMatchObject({ warnings: [] });
  });

  it('makes another candidate serve what one cannot say, and is refused by name where none can', async () => {
    const audio = { type: 'audio', source: { data: 'AAAA', mediaType: 'audio/wav' } };
    const ask = { messages: [{ role: 'user', content: [{ type: 'text', text: 'hear' }, audio] }] };
    const claude = await registerProvider(service, upstream, { type: 'ANTHROPIC', priority: 9 });
    const refused = await service.call<Body>('POST', '/ai-providers/complete', ask);
    expect(refused.body).toMatchObject({
      statusCode: 400,
      code: 'UNSUPPORTED_REQUEST',
      field: 'messages.0.content.1',
      attempts: [{ providerId: claude.id, skipped: 'lacks_feature', field: 'messages.0.content.1' }],
    });
    await registerProvider(service, second, { type: 'GOOGLE' });
    expect((await service.call<Body>('POST', '/ai-providers/complete', ask)).body).toMatchObject({
      providerType: 'GOOGLE',
    });
    expect(upstream.calls).toHaveLength(0);
  });

  it('is not what is taken back where a deployment refuses what we chose', async () => {
    await registerProvider(service, upstream, { type: 'CUSTOM', temperature: 0.7, retryAttempts: 1 });
    upstream.next(
      status(400, {
        message:
          "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      }),
      status(400, { message: "Unsupported value: 'temperature' does not support 0.7 with this model." }),
      status(422, {
        body: JSON.stringify({
          detail: [
            {
              type: 'extra_forbidden',
              loc: ['body', 'stream_options'],
              msg: 'Extra inputs are not permitted',
            },
          ],
        }),
      }),
    );
    const ask = { messages: MESSAGES, model: 'test-model', max_tokens: 9, stream: true };
    const first = await service.call('POST', '/ai-providers/v1/chat/completions', ask);
    expect(first.text).toContain('[DONE]');
    expect(upstream.calls).toHaveLength(4);
    expect(upstream.lastCall.body).toMatchObject({ max_completion_tokens: 9 });
    for (const name of ['max_tokens', 'temperature', 'stream_options']) {
      expect(upstream.lastCall.body).not.toHaveProperty(name);
    }
    await service.call('POST', '/ai-providers/v1/chat/completions', ask);
    expect(upstream.calls).toHaveLength(5);
    upstream.next(status(400, { message: "'temperature' does not support 0.2 with this model." }));
    const asked = await service.call<Body>('POST', '/ai-providers/complete', {
      prompt: 'Hi',
      temperature: 0.2,
    });
    expect(asked.body).toMatchObject({ code: 'UPSTREAM_REJECTED_REQUEST' });
  });

  it('includes the reasoning of earlier turns, for vendors that want it', async () => {
    const turns = [
      { role: 'user', content: 'q' },
      { role: 'assistant', content: 'a', reasoning: 'I thought.' },
      { role: 'user', content: 'r' },
    ];
    await registerProvider(service, upstream, { type: 'CUSTOM', model: 'deepseek-v4-pro' });
    await service.call('POST', '/ai-providers/complete', { messages: turns });
    expect(upstream.lastCall.body).toMatchObject({ messages: [{}, { reasoning_content: 'I thought.' }, {}] });
    upstream.next(status(422, { message: 'messages.1.reasoning_content: Extra inputs are not permitted' }));
    const { body } = await service.call<Body>('POST', '/ai-providers/complete', { messages: turns });
    expect(body).toMatchObject({ finishReason: 'stop' });
    expect(upstream.lastCall.rawBody).not.toContain('reasoning_content');
  });
});
