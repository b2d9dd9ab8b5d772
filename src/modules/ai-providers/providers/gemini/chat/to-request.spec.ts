import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import { toRequest } from './to-request.js';

const call = (more: Partial<ProviderCall> = {}): ProviderCall => ({
  model: 'gemini-2.5-flash',
  messages: [{ role: 'user', content: 'Hello' }],
  maxTokens: 100,
  ...more,
});
const bodyOf = (more: Partial<ProviderCall> = {}): ReturnType<typeof toRequest>['body'] =>
  toRequest(call(more)).body;

describe('toRequest (Gemini)', () => {
  it('sends the least there is', () => {
    expect(toRequest(call())).toEqual({
      model: 'gemini-2.5-flash',
      body: {
        contents: [{ role: 'user', parts: [{ text: 'Hello' }] }],
        generationConfig: { maxOutputTokens: 100 },
      },
    });
  });

  it('maps every parameter, clamped to Gemini’s ranges', () => {
    const body = bodyOf({
      system: 'Be brief.',
      temperature: 3,
      topP: 0.9,
      topK: 5,
      frequencyPenalty: 2,
      presencePenalty: -2,
      seed: 7,
      stopSequences: ['1', '', '2', '3', '4', '5', '6'],
      user: 'u-1',
      responseFormat: { type: 'json' },
    });
    expect(body.systemInstruction).toEqual({ role: 'system', parts: [{ text: 'Be brief.' }] });
    expect(body.generationConfig).toEqual({
      maxOutputTokens: 100,
      temperature: 2,
      topP: 0.9,
      topK: 5,
      frequencyPenalty: 1.99,
      presencePenalty: -2,
      seed: 7,
      stopSequences: ['1', '2', '3', '4', '5'],
      responseMimeType: 'application/json',
    });
  });

  it('merges turns of one role and drops empty ones, whoever begins', () => {
    const { contents } = bodyOf({
      messages: [
        { role: 'assistant', content: 'Welcome' },
        { role: 'user', content: 'a' },
        { role: 'assistant', content: '' },
        { role: 'user', content: 'b' },
      ],
    });
    expect(contents).toEqual([
      { role: 'model', parts: [{ text: 'Welcome' }] },
      { role: 'user', parts: [{ text: 'a' }, { text: 'b' }] },
    ]);
  });

  it('makes an instruction alone the turn of the user', () => {
    const body = bodyOf({ system: 'Say hi.', messages: [] });
    expect(body.contents).toEqual([{ role: 'user', parts: [{ text: 'Say hi.' }] }]);
    expect(body).not.toHaveProperty('systemInstruction');
  });

  const toolTurns: ProviderCall['messages'] = [
    { role: 'user', content: 'Weather?' },
    {
      role: 'assistant',
      content: '',
      toolCalls: [
        { id: 'a', name: 'weather', arguments: '{"city":"Rome"}' },
        { id: 'b', name: 'now', arguments: 'not json' },
      ],
    },
    { role: 'tool', toolCallId: 'a', name: 'weather', content: '{"sky":"clear"}' },
    { role: 'tool', toolCallId: 'b', name: 'now', content: 'noon' },
  ];

  it('sends tool calls and their results, with the id and the name of the call they answer', () => {
    expect(bodyOf({ messages: toolTurns }).contents.slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          { functionCall: { id: 'a', name: 'weather', args: { city: 'Rome' } } },
          { functionCall: { id: 'b', name: 'now', args: { arguments: 'not json' } } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: 'a', name: 'weather', response: { sky: 'clear' } } },
          { functionResponse: { id: 'b', name: 'now', response: { output: 'noon' } } },
        ],
      },
    ]);
  });

  it('signs the first of parallel calls since Gemini 3, which refuses unsigned ones', () => {
    const { contents } = bodyOf({ model: 'gemini-3.1-pro-preview', messages: toolTurns });
    expect(contents[1]?.parts).toEqual([
      {
        functionCall: { id: 'a', name: 'weather', args: { city: 'Rome' } },
        thoughtSignature: 'skip_thought_signature_validator',
      },
      { functionCall: { id: 'b', name: 'now', args: { arguments: 'not json' } } },
    ]);
  });

  it('declares tools, with JSON Schema itself where Gemini’s own cannot say it', () => {
    const linked = {
      type: 'object',
      properties: { a: { $ref: '#/$defs/a' } },
      $defs: { a: { type: 'string' } },
    };
    const body = bodyOf({
      tools: [
        {
          name: 'weather',
          description: 'Says it',
          parameters: { properties: { city: { type: ['string', 'null'] } }, additionalProperties: false },
        },
        { name: 'now', parameters: { type: 'object', properties: {} } },
        { name: 'linked', parameters: linked },
      ],
      toolChoice: { name: 'weather' },
    });
    expect(body.tools).toEqual([
      {
        functionDeclarations: [
          {
            name: 'weather',
            description: 'Says it',
            parameters: { type: 'object', properties: { city: { type: 'string', nullable: true } } },
          },
          { name: 'now' },
          { name: 'linked', parametersJsonSchema: linked },
        ],
      },
    ]);
    expect(body.toolConfig).toEqual({
      functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['weather'] },
    });
  });

  it.each([
    ['auto', 'AUTO'],
    ['none', 'NONE'],
    ['required', 'ANY'],
  ] as const)('maps the tool choice %s', (toolChoice, mode) => {
    const tools = [{ name: 't', parameters: {} }];
    expect(bodyOf({ tools, toolChoice }).toolConfig).toEqual({ functionCallingConfig: { mode } });
  });

  it('asks for JSON by a schema of its own, or by JSON Schema itself', () => {
    const schema = { type: 'object', properties: { a: { type: 'string', const: 'x' } }, required: ['a'] };
    expect(bodyOf({ responseFormat: { type: 'json_schema', schema } }).generationConfig).toMatchObject({
      responseMimeType: 'application/json',
      responseSchema: { type: 'object', properties: { a: { type: 'string', enum: ['x'] } }, required: ['a'] },
    });
    const open = { type: 'object', additionalProperties: { type: 'number' } };
    const config = bodyOf({ responseFormat: { type: 'json_schema', schema: open } }).generationConfig;
    expect(config.responseJsonSchema).toEqual(open);
    expect(config).not.toHaveProperty('responseSchema');
  });

  it('sends media by value and by reference, the type told from the ending', () => {
    const { contents } = bodyOf({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { data: 'aGk=', mediaType: 'image/png' } },
            { type: 'audio', source: { data: 'aGk=', mediaType: 'audio/mp3' } },
            { type: 'file', source: { url: 'https://example.com/a.pdf?x=1' } },
            { type: 'image', source: { url: 'https://example.com/picture' } },
          ],
        },
      ],
    });
    expect(contents[0]?.parts).toEqual([
      { inlineData: { mimeType: 'image/png', data: 'aGk=' } },
      { inlineData: { mimeType: 'audio/mp3', data: 'aGk=' } },
      { fileData: { mimeType: 'application/pdf', fileUri: 'https://example.com/a.pdf?x=1' } },
      { fileData: { fileUri: 'https://example.com/picture' } },
    ]);
  });
});
