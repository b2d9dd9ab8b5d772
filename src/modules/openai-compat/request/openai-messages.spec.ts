import { describe, expect, it } from '@jest/globals';
import type { ChatMessage } from '../../ai-providers/interfaces/message.interface.js';
import { FieldReader } from './field.reader.js';
import { readMessages } from './openai-messages.js';

const read = (...messages: unknown[]): ChatMessage[] => {
  const body = new FieldReader({ messages });
  const result = readMessages(body);
  body.assertNoProblems();
  return result;
};
const assistant = (fields: object): ChatMessage | undefined => read({ role: 'assistant', ...fields })[0];
const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
const CALL = { id: 'c', name: 'f', arguments: '{}' };

describe('readMessages', () => {
  it.each<[object, Partial<ChatMessage>]>([
    [{ content: null }, { content: '' }],
    [{}, { content: '' }],
    [{ content: '' }, { content: '' }],
    [{ content: [] }, { content: [] }],
    [{ content: null, refusal: 'No.' }, { content: 'No.' }],
    [{ content: 'No.', refusal: 'No.' }, { content: 'No.' }],
    [
      { content: 'Well', refusal: 'No.' },
      {
        content: [
          { type: 'text', text: 'Well' },
          { type: 'text', text: 'No.' },
        ],
      },
    ],
    [{ content: [{ type: 'refusal', refusal: 'No.' }] }, { content: [{ type: 'text', text: 'No.' }] }],
    [
      { content: 'a', refusal: null, tool_calls: null, audio: null, annotations: [], name: null },
      { content: 'a' },
    ],
    [{ content: 'a', tool_calls: [] }, { content: 'a' }],
    [
      { content: null, reasoning_content: 'Hm' },
      { content: '', reasoning: 'Hm' },
    ],
    [
      { content: 'a', reasoning_content: '', reasoning: 'Hm' },
      { content: 'a', reasoning: 'Hm' },
    ],
    [
      { content: null, audio: { id: 'audio_1' } },
      { content: '', openaiFields: { audio: { id: 'audio_1' } } },
    ],
    [
      { content: null, tool_calls: [call] },
      { content: '', toolCalls: [CALL] },
    ],
    [{ tool_calls: [{ ...call, id: null }] }, { content: '', toolCalls: [{ ...CALL, id: '' }] }],
    [{ tool_calls: [{ ...call, id: 7 }] }, { content: '', toolCalls: [{ ...CALL, id: '7' }] }],
    [{ function_call: { name: 'f', arguments: '{}' } }, { content: '', toolCalls: [{ ...CALL, id: '' }] }],
    [{ content: 'a', function_call: null }, { content: 'a' }],
  ])('takes an assistant’s turn of the form %j', (fields, expected) => {
    expect(assistant(fields)).toEqual({ role: 'assistant', ...expected });
  });

  it.each([
    [undefined, '{}'],
    [null, '{}'],
    ['', ''],
    [{ a: 1 }, '{"a":1}'],
    ['{"a":1}', '{"a":1}'],
  ])('takes arguments of the form %j', (given, text) => {
    const turn = assistant({ tool_calls: [{ ...call, function: { name: 'f', arguments: given } }] });
    expect(turn?.toolCalls?.[0]?.arguments).toBe(text);
  });

  it('takes a tool’s result in parts, without content, and in the older form', () => {
    expect(
      read(
        { role: 'tool', tool_call_id: 'c', content: [{ type: 'text', text: 'a' }] },
        { role: 'tool', tool_call_id: 'c', content: null },
        { role: 'function', name: 'f', content: 'a' },
        { role: 'developer', content: 'Be brief' },
      ),
    ).toEqual([
      { role: 'tool', toolCallId: 'c', content: [{ type: 'text', text: 'a' }] },
      { role: 'tool', toolCallId: 'c', content: '' },
      { role: 'tool', name: 'f', content: 'a' },
      { role: 'system', content: 'Be brief' },
    ]);
  });

  it.each([
    [{ role: 'user', content: null }, 'messages.0.content'],
    [{ role: 'system' }, 'messages.0.content'],
    [{ role: 'assistant', content: 7 }, 'messages.0.content'],
    [{ role: 'assistant', content: [{ type: 'constructor' }] }, 'messages.0.content.0'],
    [{ role: 'assistant', tool_calls: [{ id: 'c' }] }, 'messages.0.tool_calls.0'],
    [
      { role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: 7 } }] },
      'messages.0.tool_calls.0',
    ],
    [{ role: 'assistant', function_call: 'f' }, 'messages.0.function_call'],
    [{ role: 'constructor', content: 'a' }, 'messages.0.role'],
  ])('refuses %j by its place', (message, place) => {
    expect(() => read(message)).toThrow(place);
  });
});
