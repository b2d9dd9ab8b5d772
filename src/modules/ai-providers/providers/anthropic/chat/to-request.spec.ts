import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import { toRequest } from './to-request.js';

const call = (more: Partial<ProviderCall> = {}): ProviderCall => ({
  model: 'claude-3-5-haiku-latest',
  messages: [{ role: 'user', content: 'Hello' }],
  maxTokens: 100,
  ...more,
});

describe('toRequest (Anthropic)', () => {
  it('sends the least there is', () => {
    expect(toRequest(call(), false)).toEqual({
      model: 'claude-3-5-haiku-latest',
      max_tokens: 100,
      messages: [{ role: 'user', content: 'Hello' }],
      stream: false,
    });
  });

  it('maps every parameter that Anthropic has and leaves out the others', () => {
    const request = toRequest(
      call({
        system: 'Be brief.',
        temperature: 1.5,
        topP: 0.9,
        topK: 5,
        frequencyPenalty: 1,
        presencePenalty: 1,
        seed: 7,
        stopSequences: ['END', ' \n'],
        user: 'u-1',
      }),
      true,
    );
    expect(request).toEqual({
      model: 'claude-3-5-haiku-latest',
      max_tokens: 100,
      system: 'Be brief.',
      messages: [{ role: 'user', content: 'Hello' }],
      temperature: 1,
      top_p: 0.9,
      top_k: 5,
      stop_sequences: ['END'],
      metadata: { user_id: 'u-1' },
      stream: true,
    });
  });

  it('leaves out sampling parameters for a model that refuses them', () => {
    const request = toRequest(
      call({ model: 'claude-opus-4-7', temperature: 0.7, topP: 0.9, topK: 5 }),
      false,
    );
    expect(request).not.toHaveProperty('temperature');
    expect(request).not.toHaveProperty('top_p');
    expect(request).not.toHaveProperty('top_k');
  });

  it('merges turns of one role and drops empty ones, whoever begins', () => {
    const { messages } = toRequest(
      call({
        messages: [
          { role: 'assistant', content: 'Welcome' },
          { role: 'user', content: 'a' },
          { role: 'user', content: 'b' },
          { role: 'assistant', content: '  ' },
          { role: 'user', content: 'c' },
        ],
      }),
      false,
    );
    expect(messages).toEqual([
      { role: 'assistant', content: 'Welcome' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'a' },
          { type: 'text', text: 'b' },
          { type: 'text', text: 'c' },
        ],
      },
    ]);
  });

  it.each([
    ['Say: \n', 'Say:'],
    [
      [
        { type: 'text' as const, text: 'a ' },
        { type: 'text' as const, text: ' b\t' },
        { type: 'text' as const, text: ' ' },
      ],
      [
        { type: 'text', text: 'a ' },
        { type: 'text', text: ' b' },
      ],
    ],
  ])('takes the white space off the end of a last turn of the assistant', (content, sent) => {
    const turns = [
      { role: 'user' as const, content: 'Hi ' },
      { role: 'assistant' as const, content },
    ];
    expect(toRequest(call({ messages: turns }), false).messages).toEqual([
      { role: 'user', content: 'Hi ' },
      { role: 'assistant', content: sent },
    ]);
  });

  it('makes an instruction alone the turn of the user', () => {
    const request = toRequest(call({ system: 'Say hi.', messages: [] }), false);
    expect(request.messages).toEqual([{ role: 'user', content: 'Say hi.' }]);
    expect(request).not.toHaveProperty('system');
  });

  it('sends tools, their calls and their results, the results first in their turn', () => {
    const request = toRequest(
      call({
        messages: [
          { role: 'user', content: 'Weather?' },
          {
            role: 'assistant',
            content: 'Looking.',
            toolCalls: [
              { id: 'a_1', name: 'weather', arguments: '{"city":"Rome"}' },
              { id: 'b', name: 'now', arguments: '' },
            ],
          },
          { role: 'user', content: 'Quick!' },
          { role: 'tool', toolCallId: 'a_1', content: 'sunny' },
          { role: 'tool', toolCallId: 'b', content: '' },
        ],
        tools: [
          {
            name: 'weather',
            description: 'Says it',
            parameters: { properties: { city: { type: 'string' } } },
          },
        ],
        toolChoice: 'required',
      }),
      false,
    );
    expect(request.tools).toEqual([
      {
        name: 'weather',
        description: 'Says it',
        input_schema: { type: 'object', properties: { city: { type: 'string' } } },
      },
    ]);
    expect(request.tool_choice).toEqual({ type: 'any' });
    expect(request.messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'text', text: 'Looking.' },
          { type: 'tool_use', id: 'a_1', name: 'weather', input: { city: 'Rome' } },
          { type: 'tool_use', id: 'b', name: 'now', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'a_1', content: [{ type: 'text', text: 'sunny' }] },
          { type: 'tool_result', tool_use_id: 'b' },
          { type: 'text', text: 'Quick!' },
        ],
      },
    ]);
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    [{ name: 't' }, { type: 'tool', name: 't' }],
  ] as const)('maps the tool choice %j', (toolChoice, expected) => {
    const tools = [{ name: 't', parameters: {} }];
    expect(toRequest(call({ tools, toolChoice }), false).tool_choice).toEqual(expected);
  });

  it('sends no tool choice without tools', () => {
    expect(toRequest(call({ toolChoice: 'required' }), false)).not.toHaveProperty('tool_choice');
  });

  it('sends images and documents by reference and by value', () => {
    const { messages } = toRequest(
      call({
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'See' },
              { type: 'image', source: { url: 'https://example.com/a.png' } },
              { type: 'image', source: { data: 'aGk=', mediaType: 'image/png' } },
              { type: 'file', source: { url: 'https://example.com/a.pdf' }, name: 'a.pdf' },
              { type: 'file', source: { data: 'aGk=', mediaType: 'application/pdf' } },
              { type: 'file', source: { data: 'aGk=', mediaType: 'text/plain' } },
            ],
          },
        ],
      }),
      false,
    );
    expect(messages[0]?.content).toEqual([
      { type: 'text', text: 'See' },
      { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aGk=' } },
      { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' }, title: 'a.pdf' },
      { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'aGk=' } },
      { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'hi' } },
    ]);
  });

  it('asks for JSON of any form by a tool that must be called, beside those of the caller that may be', () => {
    const json = { responseFormat: { type: 'json' } } as const;
    const tools = [{ name: 'time', parameters: {} }];
    const answer = expect.objectContaining({ name: 'answer_in_json' }) as unknown;
    expect(toRequest(call(json), false)).toMatchObject({
      tools: [answer],
      tool_choice: { type: 'tool', name: 'answer_in_json' },
    });
    expect(toRequest(call({ ...json, tools, parallelToolCalls: false }), false)).toMatchObject({
      tools: [{ name: 'time' }, answer],
      tool_choice: { type: 'any', disable_parallel_tool_use: true },
    });
    expect(toRequest(call({ ...json, tools, toolChoice: 'none' }), false)).toMatchObject({
      tool_choice: { type: 'tool', name: 'answer_in_json' },
    });
    const forced = toRequest(call({ ...json, tools, toolChoice: 'required' }), false);
    expect(forced).toMatchObject({ tools: [{ name: 'time' }], tool_choice: { type: 'any' } });
    expect(forced.tools).toHaveLength(1);
  });

  it('asks for JSON by its schema', () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const request = toRequest(call({ responseFormat: { type: 'json_schema', name: 'x', schema } }), false);
    expect(request.output_config).toEqual({ format: { type: 'json_schema', schema } });
  });
});
