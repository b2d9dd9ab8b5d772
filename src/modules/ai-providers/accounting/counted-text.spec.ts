import { describe, expect, it } from '@jest/globals';
import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import { answerText, promptText } from './counted-text.js';

const callOf = (more: Partial<ProviderCall>): ProviderCall => ({
  model: 'm',
  messages: [],
  maxTokens: 10,
  ...more,
});

describe('the text that is counted', () => {
  it('of a prompt has system text, turns with their tool calls, tools and the form of the answer', () => {
    const text = promptText(
      callOf({
        system: 'Be brief',
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'Weather?' }] },
          {
            role: 'assistant',
            reasoning: 'A tool knows',
            content: '',
            toolCalls: [{ id: 'a', name: 'weather', arguments: '{"city":"Oslo"}' }],
          },
          { role: 'tool', content: 'sunny', toolCallId: 'a' },
        ],
        tools: [
          {
            name: 'weather',
            description: 'Of a city',
            parameters: { type: 'object', required: ['city', 7] },
          },
        ],
        responseFormat: { type: 'json_schema', schema: { type: 'string' } },
      }),
    );
    const asked = ['Be brief', 'Weather?', 'A tool knows', 'weather', '{"city":"Oslo"}', 'sunny'];
    const tools = [
      'name',
      'weather',
      'description',
      'Of a city',
      'parameters',
      'type',
      'object',
      'required',
      'city',
      '7',
    ];
    expect(String(text)).toBe([...asked, ...tools, 'type', 'string'].join('\n'));
  });

  it('of an answer has reasoning, text and tool calls', () => {
    const toolCalls = [{ id: 'a', name: 'clock', arguments: '{}' }];
    expect(String(answerText({ reasoning: 'Hm', content: 'Now', toolCalls }))).toBe('Hm\nNow\nclock\n{}');
    expect(String(answerText({ content: '' }))).toBe('');
  });

  it('is not there where a part is no text', () => {
    const content = [{ type: 'image' as const, source: { url: 'https://example.com/a.png' } }];
    expect(promptText(callOf({ messages: [{ role: 'user', content }] }))).toBeNull();
  });

  it('of a long prompt is held in part, and has the length of all', () => {
    const messages = Array.from({ length: 100 }, () => ({
      role: 'user' as const,
      content: 'x'.repeat(10_000),
    }));
    const text = promptText(callOf({ messages }));
    expect(text?.length).toBe(1_000_099);
    expect(String(text).length).toBe(65_536);
  });

  it('is looked at for no longer where a tool is endless, deep or wide', () => {
    let deep: Record<string, unknown> = {};
    for (let depth = 0; depth < 200_000; depth += 1) deep = { deep };
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, at) => [`k${at}`, at]));
    for (const parameters of [deep, wide, { many: Array.from({ length: 1_000_000 }, () => []) }]) {
      expect(promptText(callOf({ tools: [{ name: 'f', parameters }] }))?.length).toBeLessThan(200_000);
    }
  });
});
