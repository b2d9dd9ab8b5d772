import { describe, expect, it } from '@jest/globals';
import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { ContentPart } from '../../../interfaces/message.interface.js';
import { CUSTOM_DIALECT } from './chat.dialect.js';
import { OPENAI_DIALECT } from './chat.dialect.js';
import { toRequest } from './to-request.js';

const CALL: ProviderCall = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }], maxTokens: 100 };
const SAMPLED: ProviderCall = {
  ...CALL,
  temperature: 1.5,
  topP: 0.9,
  topK: 40,
  frequencyPenalty: -1,
  presencePenalty: 1,
  stopSequences: ['a', 'b', 'c', 'd', 'e'],
  seed: 7,
  user: 'u-1',
};

/** The body as it goes over the wire. */
function wire(call: ProviderCall, stream = false, dialect = OPENAI_DIALECT): unknown {
  return JSON.parse(JSON.stringify(toRequest(call, stream, { ...dialect, endpoint: null })));
}

const userParts = (...content: ContentPart[]): ProviderCall => ({
  ...CALL,
  messages: [{ role: 'user', content }],
});

describe('toRequest', () => {
  it('sends nothing that was not asked for', () => {
    expect(wire(CALL)).toEqual({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 100,
    });
  });

  it('maps every parameter that OpenAI has, leaves out top_k and takes four stop sequences', () => {
    expect(wire(SAMPLED)).toEqual({
      model: 'gpt-4o',
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 100,
      temperature: 1.5,
      top_p: 0.9,
      frequency_penalty: -1,
      presence_penalty: 1,
      stop: ['a', 'b', 'c', 'd'],
      seed: 7,
      user: 'u-1',
    });
  });

  it('sends top_k and every stop sequence to a custom server', () => {
    expect(wire(SAMPLED, false, CUSTOM_DIALECT)).toMatchObject({
      top_k: 40,
      stop: ['a', 'b', 'c', 'd', 'e'],
    });
  });

  it.each([
    'o1',
    'o3-mini',
    'o4-mini-2025-04-16',
    'gpt-5',
    'gpt-5.2',
    'gpt-5-mini',
    'gpt-6',
    'ft:o4-mini:org::id',
  ])('gives %s max_completion_tokens and none of the parameters that it refuses', (model) => {
    expect(wire({ ...SAMPLED, model })).toEqual({
      model,
      messages: [{ role: 'user', content: 'Hi' }],
      max_completion_tokens: 100,
      seed: 7,
      user: 'u-1',
    });
  });

  it.each(['gpt-4o', 'gpt-4.1-mini', 'gpt-3.5-turbo', 'gpt-5-chat-latest', 'gpt-5.1-chat-latest', 'omni'])(
    'gives %s max_tokens and its temperature',
    (model) => {
      expect(wire({ ...SAMPLED, model })).toMatchObject({ max_tokens: 100, temperature: 1.5 });
    },
  );

  it('takes a family of models for the same wherever it is served', () => {
    for (const model of ['openai/gpt-5-mini', 'azure/o3', 'GPT-5.4-nano']) {
      const body = wire({ ...SAMPLED, model }, false, CUSTOM_DIALECT);
      expect(body).toMatchObject({ max_completion_tokens: 100, top_k: 40 });
      expect(body).not.toHaveProperty('temperature');
    }
    for (const model of ['team-chat-prod', 'llama-3', 'solo1', 'gpt-oss-20b', 'qwen3']) {
      expect(wire({ ...SAMPLED, model }, false, CUSTOM_DIALECT)).toMatchObject({
        max_tokens: 100,
        temperature: 1.5,
      });
    }
  });

  it('asks a stream for its usage', () => {
    expect(wire(CALL, true)).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  });

  it('puts the system prompt first and keeps every role', () => {
    const toolCalls = [{ id: 'c1', name: 'time', arguments: '{}' }];
    const body = wire({
      ...CALL,
      system: 'Be brief',
      messages: [
        { role: 'user', content: 'Hi', name: 'ann' },
        { role: 'assistant', content: '', toolCalls },
        { role: 'tool', content: [{ type: 'text', text: 'noon' }], toolCallId: 'c1' },
        { role: 'assistant', content: 'It is noon' },
      ],
    });
    expect(body).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief' },
        { role: 'user', content: 'Hi', name: 'ann' },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'c1', type: 'function', function: { name: 'time', arguments: '{}' } }],
        },
        { role: 'tool', content: 'noon', tool_call_id: 'c1' },
        { role: 'assistant', content: 'It is noon' },
      ],
    });
  });

  it('maps every kind of content part', () => {
    const body = wire(
      userParts(
        { type: 'text', text: 'What is this?' },
        { type: 'image', source: { url: 'https://example.org/a.png' } },
        { type: 'image', source: { data: 'aW1n', mediaType: 'image/png' } },
        { type: 'file', source: { data: 'cGRm', mediaType: 'application/pdf' }, name: 'a.pdf' },
        { type: 'audio', source: { data: 'd2F2', mediaType: 'audio/wav' } },
      ),
    );
    expect(body).toMatchObject({
      messages: [
        {
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'https://example.org/a.png' } },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,aW1n' } },
            { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,cGRm' } },
            { type: 'input_audio', input_audio: { data: 'd2F2', format: 'wav' } },
          ],
        },
      ],
    });
  });

  it('maps tools and each choice of them', () => {
    const tools = [{ name: 'time', description: 'Tells it', parameters: { type: 'object' } }];
    const named = { type: 'function', function: { name: 'time' } };
    expect(wire({ ...CALL, tools, toolChoice: { name: 'time' } })).toMatchObject({
      tools: [{ type: 'function', function: tools[0] }],
      tool_choice: named,
    });
    expect(wire({ ...CALL, tools, toolChoice: 'required' })).toMatchObject({ tool_choice: 'required' });
  });

  it('leaves the choice out where there are no tools', () => {
    expect(wire({ ...CALL, tools: [], toolChoice: 'auto' })).not.toHaveProperty('tool_choice');
  });

  it('maps each response format', () => {
    const schema = { type: 'object' };
    expect(wire({ ...CALL, responseFormat: { type: 'text' } })).not.toHaveProperty('response_format');
    expect(wire({ ...CALL, responseFormat: { type: 'json' } })).toHaveProperty(
      'response_format.type',
      'json_object',
    );
    expect(wire({ ...CALL, responseFormat: { type: 'json_schema', schema, strict: true } })).toMatchObject({
      response_format: { type: 'json_schema', json_schema: { name: 'response', schema, strict: true } },
    });
  });
});
