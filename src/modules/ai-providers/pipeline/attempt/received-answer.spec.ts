import { describe, expect, it } from '@jest/globals';
import { answerText } from '../../accounting/counted-text.js';
import type { StreamPart } from '../../interfaces/ai-adapter.interface.js';
import { ReceivedAnswer } from './received-answer.js';

describe('what has come of a stream', () => {
  it('is counted as the same whole answer is', () => {
    const parts: StreamPart[] = [
      { type: 'start', id: 'x' },
      { type: 'reasoning', text: 'Hm' },
      { type: 'reasoning', text: 'm' },
      { type: 'text', text: 'No' },
      { type: 'alive' },
      { type: 'text', text: 'w' },
      { type: 'tool_call', delta: { index: 0, id: 'a', name: 'clock', arguments: '' } },
      { type: 'tool_call', delta: { index: 0, arguments: '{}' } },
      { type: 'tool_call', delta: { index: 1, id: 'b', name: 'weather', arguments: '{"city":"Oslo"}' } },
    ];
    const received = new ReceivedAnswer();
    for (const part of parts) received.add(part);
    const whole = answerText({
      reasoning: 'Hmm',
      content: 'Now',
      toolCalls: [
        { id: 'a', name: 'clock', arguments: '{}' },
        { id: 'b', name: 'weather', arguments: '{"city":"Oslo"}' },
      ],
    });
    expect(String(received)).toBe(String(whole));
    expect(received.length).toBe(whole.length);
  });
});
