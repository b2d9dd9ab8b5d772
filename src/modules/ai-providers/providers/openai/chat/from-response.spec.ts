import { describe, expect, it } from '@jest/globals';
import type { ProviderAnswer } from '../../../interfaces/ai-adapter.interface.js';
import { gatherAnswer, partsOfAnswer } from '../../chat/streams/gather-answer.js';
import { fromResponse } from './from-response.js';

const CALL = { model: 'asked', messages: [], maxTokens: 1 };

function completion(message: object, rest: object = {}, finish: unknown = 'stop'): object {
  return {
    id: 'chatcmpl-1',
    model: 'gpt-4o',
    choices: [{ index: 0, message, finish_reason: finish }],
    ...rest,
  };
}

const read = (json: unknown): ProviderAnswer => fromResponse(json, CALL);

describe('fromResponse', () => {
  it('reads text, reason and usage with its parts', () => {
    const usage = {
      prompt_tokens: 20,
      completion_tokens: 9,
      total_tokens: 29,
      prompt_tokens_details: { cached_tokens: 8 },
      completion_tokens_details: { reasoning_tokens: 4 },
    };
    expect(read(completion({ content: 'Hello' }, { usage }))).toEqual({
      id: 'chatcmpl-1',
      model: 'gpt-4o',
      content: 'Hello',
      finishReason: 'stop',
      rawFinishReason: 'stop',
      usage: { promptTokens: 20, completionTokens: 9, cachedPromptTokens: 8, reasoningTokens: 4 },
    });
  });

  it.each([
    ['a refusal', { refusal: 'No.' }, { content: null, refusal: [{ token: 'No', logprob: -1 }] }],
    [
      'a call',
      { tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] },
      { content: [{ token: 'f', logprob: -1 }], refusal: null },
    ],
  ])('keeps the probabilities of %s without a text', (_what, message, logprobs) => {
    const choice = { index: 0, message: { content: null, ...message }, finish_reason: 'stop', logprobs };
    const answer = read({ choices: [choice] });
    expect(answer).toMatchObject({ content: '', logprobs });
    expect(gatherAnswer(partsOfAnswer(answer), CALL).logprobs).toEqual(logprobs);
  });

  it('adds reasoning tokens that a vendor counts apart from the completion', () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 5,
      total_tokens: 35,
      completion_tokens_details: { reasoning_tokens: 20 },
    };
    expect(read(completion({ content: 'x' }, { usage })).usage).toMatchObject({ completionTokens: 25 });
  });

  it('leaves what the vendor did not say undefined', () => {
    const answer = read({ choices: [{ message: { content: 'x' } }] });
    expect(answer).toMatchObject({ model: 'asked', finishReason: 'other', rawFinishReason: '', usage: {} });
    expect(answer.id).toBeUndefined();
  });

  it.each([
    ['stop', 'stop'],
    ['length', 'length'],
    ['content_filter', 'content_filter'],
    ['eos', 'stop'],
    ['model_length', 'length'],
    ['brand_new', 'other'],
    ['constructor', 'other'],
    ['__proto__', 'other'],
    // The reason fits what is handed out: no call is there.
    ['tool_calls', 'stop'],
  ])('takes the finish reason %p for %p and keeps the word', (raw, finishReason) => {
    const answer = read(completion({ content: 'x' }, {}, raw));
    expect(answer).toMatchObject({ finishReason, rawFinishReason: raw });
  });

  it('reads tool calls, also where a server says stop, omits the id or sends an object', () => {
    const tool_calls = [
      { id: 'c1', function: { name: 'a', arguments: '{"x":1}' } },
      { function: { name: 'b', arguments: { y: 2 } } },
    ];
    expect(read(completion({ content: null, tool_calls }))).toMatchObject({
      content: '',
      finishReason: 'tool_calls',
      rawFinishReason: 'stop',
      toolCalls: [
        { id: 'c1', name: 'a', arguments: '{"x":1}' },
        { id: expect.stringMatching(/^call_\w{32}$/), name: 'b', arguments: '{"y":2}' },
      ],
    });
  });

  it.each([
    [{ content: null, refusal: 'I cannot' }, ''],
    [{ content: 'But', refusal: 'I cannot' }, 'But'],
    [{ content: [{ type: 'refusal', refusal: 'I cannot' }] }, ''],
  ])('keeps the refusal of %j apart from the content', (message, content) => {
    expect(read(completion(message))).toMatchObject({ content, refusal: 'I cannot', finishReason: 'stop' });
  });

  it.each([
    [{ content: 'x', reasoning_content: 'hm' }],
    [{ content: 'x', reasoning: 'hm' }],
    [
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'hm' }] },
          { type: 'text', text: 'x' },
        ],
      },
    ],
  ])('reads the reasoning of %j', (message) => {
    expect(read(completion(message))).toMatchObject({ content: 'x', reasoning: 'hm' });
  });

  it.each([
    [{ error: { message: 'Overloaded', code: 503 } }, 'server_error', 'Overloaded'],
    [{ error: { message: 'Slow down', type: 'rate_limit_exceeded' } }, 'rate_limited', 'Slow down'],
    [{ error: 'model is loading' }, 'server_error', 'model is loading'],
    [{ object: 'error', message: 'Bad role', type: 'x', code: 400 }, 'invalid_request', 'Bad role'],
    [{ choices: [{ error: { code: 502, message: 'Upstream died' } }] }, 'server_error', 'Upstream died'],
    [
      completion({ content: '' }, {}, 'error'),
      'server_error',
      'The provider ended the answer with the reason error.',
    ],
  ])('throws the error in the 200 %j as %p', (json, fault, message) => {
    expect(() => read(json)).toThrow(expect.objectContaining({ fault, message }));
  });

  it.each([
    {},
    { choices: [] },
    { choices: [{}] },
    { choices: 'x' },
    { candidates: [] },
    completion({ tool_calls: [{}] }),
  ])('calls %j malformed', (json) => {
    expect(() => read(json)).toThrow(expect.objectContaining({ fault: 'malformed' }));
  });
});
