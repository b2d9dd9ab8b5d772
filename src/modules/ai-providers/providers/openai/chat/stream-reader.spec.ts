import { describe, expect, it } from '@jest/globals';
import type { StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import { CUSTOM_DIALECT, OPENAI_DIALECT } from './chat.dialect.js';
import { ChatStreamReader } from './stream-reader.js';

const reader = (dialect = OPENAI_DIALECT): ChatStreamReader =>
  new ChatStreamReader(dialect, { messages: [] });
const chunk = (delta: object, finish: string | null = null, rest: object = {}): { data: string } => ({
  data: JSON.stringify({
    id: 'c1',
    model: 'm',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...rest,
  }),
});
const USAGE = { prompt_tokens: 3, completion_tokens: 2 };
const usageChunk = { data: JSON.stringify({ id: 'c1', model: 'm', choices: [], usage: USAGE }) };
const FINISH: StreamPart = {
  type: 'finish',
  finishReason: 'stop',
  rawFinishReason: 'stop',
  usage: { promptTokens: 3, completionTokens: 2 },
};

/** A reader that has already told its start. */
function started(dialect = OPENAI_DIALECT): ChatStreamReader {
  const fresh = reader(dialect);
  fresh.read(chunk({ role: 'assistant', content: '' }));
  return fresh;
}

describe('ChatStreamReader', () => {
  it('starts once, with id and model', () => {
    const fresh = reader();
    expect(fresh.read(chunk({ role: 'assistant' }))).toEqual([{ type: 'start', id: 'c1', model: 'm' }]);
    expect(fresh.read(chunk({ role: 'assistant' }))).toEqual([{ type: 'alive' }]);
  });

  it('holds finish back until the usage of its own chunk came', () => {
    const fresh = started();
    fresh.read(chunk({ content: 'a' }));
    expect(fresh.read(chunk({}, 'stop'))).toEqual([{ type: 'alive' }]);
    expect(fresh.state).toBe('usage_due');
    fresh.read(usageChunk);
    expect(fresh.state).toBe('complete');
    expect(fresh.end()).toEqual([FINISH]);
  });

  it('is complete where usage comes with the finish reason', () => {
    const fresh = started();
    fresh.read(chunk({ content: 'a' }));
    fresh.read(chunk({}, 'stop', { usage: USAGE }));
    expect(fresh.state).toBe('complete');
    expect(fresh.read({ data: '[DONE]' })).toEqual([FINISH]);
  });

  it('does not take usage from before the finish reason for the last word', () => {
    const fresh = started();
    const early = fresh.read(
      chunk({ content: 'a' }, null, { usage: { prompt_tokens: 3, completion_tokens: 1 } }),
    );
    expect(early.at(-1)).toEqual({ type: 'usage', usage: { promptTokens: 3, completionTokens: 1 } });
    expect(fresh.read(chunk({}, 'stop'))).toEqual([{ type: 'alive' }]);
    expect(fresh.state).toBe('usage_due');
    fresh.read(usageChunk);
    expect(fresh.end()).toEqual([FINISH]);
  });

  it('finishes without usage at [DONE] and at the end', () => {
    const finish = { type: 'finish', finishReason: 'stop', rawFinishReason: 'stop', usage: {} };
    const byDone = started();
    byDone.read(chunk({}, 'stop'));
    expect(byDone.read({ data: '[DONE]' })).toEqual([{ type: 'alive' }]);
    expect(byDone.state).toBe('complete');
    expect(byDone.end()).toEqual([finish]);
    const byEnd = started();
    byEnd.read(chunk({}, 'stop'));
    expect(byEnd.end()).toEqual([finish]);
  });

  it('takes the usage that comes behind [DONE]', () => {
    const fresh = started();
    fresh.read(chunk({ content: 'a' }));
    fresh.read(chunk({}, 'stop'));
    fresh.read({ data: '[DONE]' });
    expect(fresh.read(usageChunk).at(-1)).toEqual(FINISH);
    const twice = started();
    twice.read(chunk({}, 'stop'));
    twice.read({ data: '[DONE]' });
    expect(twice.read({ data: '[DONE]' })).toMatchObject([{ type: 'finish', usage: {} }]);
  });

  it('says nothing at an end without a finish reason', () => {
    const fresh = started();
    fresh.read(chunk({ content: 'a' }));
    expect(fresh.end()).toEqual([]);
    expect(fresh.state).toBe('open');
  });

  it('takes [DONE] alone for a cut at OpenAI, for the end at a custom server that said something', () => {
    const truncated = expect.objectContaining({ fault: 'truncated' });
    const openai = started();
    openai.read(chunk({ content: 'a' }));
    expect(() => openai.read({ data: '[DONE]' })).toThrow(truncated);
    const custom = started(CUSTOM_DIALECT);
    custom.read(chunk({ content: 'a' }));
    custom.read({ data: '[DONE]' });
    expect(custom.end()).toMatchObject([{ type: 'finish', finishReason: 'other' }]);
    expect(() => started(CUSTOM_DIALECT).read({ data: '[DONE]' })).toThrow(truncated);
  });

  it('reads text, reasoning and fragments of tool calls', () => {
    const fresh = started();
    expect(fresh.read(chunk({ reasoning_content: 'hm' }))).toEqual([{ type: 'reasoning', text: 'hm' }]);
    expect(fresh.read(chunk({ content: 'a' }))).toEqual([{ type: 'text', text: 'a' }]);
    const tool_calls = [{ index: 1, id: 'c', function: { name: 'f', arguments: '' } }];
    expect(fresh.read(chunk({ tool_calls }))).toEqual([
      { type: 'tool_call', delta: { index: 0, id: 'c', name: 'f', arguments: '' } },
    ]);
    fresh.read(chunk({ tool_calls: [{ index: 1, function: { arguments: '{}' } }] }));
    fresh.read(chunk({}, 'stop'));
    expect(fresh.end()).toMatchObject([
      { type: 'tool_call', delta: { index: 0, arguments: '{}' } },
      { finishReason: 'tool_calls', rawFinishReason: 'stop' },
    ]);
  });

  it('gives a refusal apart from the text', () => {
    const fresh = started();
    expect(fresh.read(chunk({ refusal: 'No' }))).toEqual([{ type: 'refusal', text: 'No' }]);
    fresh.read(chunk({}, 'stop'));
    expect(fresh.end()).toMatchObject([{ finishReason: 'stop' }]);
  });

  it.each([
    '{"choices": [',
    'nonsense',
    '[]',
    'null',
    '{"foo":1}',
    '{"message":"queued","code":0}',
    '{"base_resp":{"status_code":0}}',
  ])('skips %p as malformed', (data) => {
    const fresh = started();
    expect(fresh.read({ data })).toEqual([{ type: 'malformed' }]);
    expect(fresh.read(chunk({ content: 'a' }))).toEqual([{ type: 'text', text: 'a' }]);
  });

  it('ignores an empty finish reason', () => {
    const fresh = started();
    fresh.read(chunk({ content: 'a' }, ''));
    expect(fresh.state).toBe('open');
  });

  it.each([
    [{ data: '{"error":{"message":"Busy","type":"server_error"}}' }, 'server_error'],
    [{ data: '{"error":{"message":"Slow","code":429}}' }, 'rate_limited'],
    [
      { event: 'error', data: '{"message":"Too long: maximum context length is 5","code":400}' },
      'context_length',
    ],
    [{ event: 'error', data: 'it broke' }, 'server_error'],
    [{ data: '{"detail":"The worker went away"}' }, 'server_error'],
    [{ data: '{"errors":[{"message":"The worker went away"}]}' }, 'server_error'],
    [{ data: '{"success":false,"message":"The worker went away"}' }, 'server_error'],
    [{ data: '{"base_resp":{"status_code":1000,"status_msg":"unknown error"}}' }, 'server_error'],
    [{ data: '{"message":"Out of room","code":503}' }, 'server_error'],
  ])('throws the error of %j as %p', (event, fault) => {
    expect(() => started().read(event)).toThrow(expect.objectContaining({ fault }));
  });
});
