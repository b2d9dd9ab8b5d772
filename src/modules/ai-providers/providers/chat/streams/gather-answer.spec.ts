import { describe, expect, it } from '@jest/globals';
import type { ProviderAnswer } from '../../../interfaces/ai-adapter.interface.js';
import { gatherAnswer, partsOfAnswer } from './gather-answer.js';

const CALL = { model: 'asked', messages: [], maxTokens: 1 };
const call = { id: 'c', name: 'f', arguments: '{}' };
const usage = { promptTokens: 1 };
const ANSWER: ProviderAnswer = {
  id: 'i',
  model: 'm',
  content: 'x',
  reasoning: 'r',
  refusal: 'no',
  toolCalls: [call],
  usage,
  finishReason: 'stop',
  rawFinishReason: 'end',
};

describe('partsOfAnswer and gatherAnswer', () => {
  it('say everything that the answer says', () => {
    expect(partsOfAnswer(ANSWER)).toEqual([
      { type: 'start', id: 'i', model: 'm' },
      { type: 'reasoning', text: 'r' },
      { type: 'text', text: 'x' },
      { type: 'refusal', text: 'no' },
      { type: 'tool_call', delta: { index: 0, ...call } },
      { type: 'finish', finishReason: 'stop', rawFinishReason: 'end', usage },
    ]);
    expect(gatherAnswer(partsOfAnswer(ANSWER), CALL)).toEqual(ANSWER);
  });

  it('name the model that was asked where the vendor names none', () => {
    expect(gatherAnswer(partsOfAnswer(ANSWER).slice(1), CALL).model).toBe('asked');
  });

  it('take no answer without its end', () => {
    expect(() => gatherAnswer([{ type: 'text', text: 'x' }], CALL)).toThrow(
      expect.objectContaining({ fault: 'truncated' }),
    );
  });
});
