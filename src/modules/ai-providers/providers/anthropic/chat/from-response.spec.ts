import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import { fromResponse } from './from-response.js';

const call: ProviderCall = { model: 'claude-asked', messages: [], maxTokens: 1 };
const message = (more: object = {}): object => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-answered',
  content: [{ type: 'text', text: 'Hi' }],
  stop_reason: 'end_turn',
  usage: { input_tokens: 10, output_tokens: 5 },
  ...more,
});

describe('fromResponse (Anthropic)', () => {
  it('reads text, thoughts and tool calls apart', () => {
    const answer = fromResponse(
      message({
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 's' },
          { type: 'text', text: 'One. ' },
          { type: 'server_tool_use', id: 's', name: 'web_search', input: {} },
          { type: 'text', text: 'Two.' },
          { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } },
        ],
        stop_reason: 'tool_use',
      }),
      call,
    );
    expect(answer).toEqual({
      id: 'msg_1',
      model: 'claude-answered',
      content: 'One. Two.',
      reasoning: 'Hm.',
      toolCalls: [{ id: 't', name: 'f', arguments: '{"a":1}' }],
      finishReason: 'tool_calls',
      rawFinishReason: 'tool_use',
      usage: { promptTokens: 10, completionTokens: 5 },
    });
  });

  it.each([
    ['end_turn', 'stop'],
    ['stop_sequence', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content_filter'],
    // A server's limit on what it does in one turn: the turn is not done.
    ['pause_turn', 'length'],
    // The reason fits what is handed out: no call is there.
    ['tool_use', 'stop'],
    ['something_new', 'other'],
  ])('maps the stop reason %s to %s and keeps it', (stop_reason, finishReason) => {
    expect(fromResponse(message({ stop_reason }), call)).toMatchObject({
      finishReason,
      rawFinishReason: stop_reason,
    });
  });

  it('counts cached tokens into the prompt, which Anthropic does not', () => {
    const usage = {
      input_tokens: 10,
      cache_creation_input_tokens: 200,
      cache_read_input_tokens: 3000,
      output_tokens: 50,
      output_tokens_details: { thinking_tokens: 30 },
    };
    expect(fromResponse(message({ usage }), call).usage).toEqual({
      promptTokens: 3210,
      completionTokens: 50,
      cachedPromptTokens: 3000,
      cacheWriteTokens: 200,
      reasoningTokens: 30,
    });
  });

  it('leaves unknown what is not reported', () => {
    const usage = { output_tokens: 5, cache_read_input_tokens: null };
    expect(fromResponse(message({ usage }), call).usage).toEqual({ completionTokens: 5 });
  });

  it('throws the error that came as a 200', () => {
    const body = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
    expect(() => fromResponse(body, call)).toThrow(
      expect.objectContaining({ fault: 'server_error', status: 529, message: 'Overloaded' }) as Error,
    );
  });

  it.each([{}, { content: 'text' }, { choices: [] }])('calls %j malformed', (body) => {
    expect(() => fromResponse(body, call)).toThrow(expect.objectContaining({ fault: 'malformed' }) as Error);
  });
});
