import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import { fromResponse } from './from-response.js';

const call: ProviderCall = { model: 'gemini-asked', messages: [], maxTokens: 1 };
const response = (parts: object[], finishReason?: string, more: object = {}): object => ({
  candidates: [{ content: { role: 'model', parts }, ...(finishReason && { finishReason }), index: 0 }],
  modelVersion: 'gemini-answered',
  responseId: 'r1',
  ...more,
});

describe('fromResponse (Gemini)', () => {
  it('reads text, thoughts, tool calls and usage', () => {
    const answer = fromResponse(
      response(
        [
          { text: 'Hm.', thought: true },
          { text: 'One. ' },
          { text: 'Two.' },
          { functionCall: { name: 'f', args: { a: 1 } }, thoughtSignature: 's' },
          { functionCall: { id: 'own', name: 'g' } },
        ],
        'STOP',
        {
          usageMetadata: {
            promptTokenCount: 100,
            cachedContentTokenCount: 60,
            candidatesTokenCount: 20,
            thoughtsTokenCount: 30,
            totalTokenCount: 150,
          },
        },
      ),
      call,
    );
    expect(answer).toEqual({
      id: 'r1',
      model: 'gemini-answered',
      content: 'One. Two.',
      reasoning: 'Hm.',
      toolCalls: [
        { id: expect.stringMatching(/^call_\w{32}$/) as unknown, name: 'f', arguments: '{"a":1}' },
        { id: 'own', name: 'g', arguments: '{}' },
      ],
      finishReason: 'tool_calls',
      rawFinishReason: 'STOP',
      usage: { promptTokens: 100, completionTokens: 50, cachedPromptTokens: 60, reasoningTokens: 30 },
    });
  });

  it.each([
    ['STOP', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
    ['RECITATION', 'content_filter'],
    ['BLOCKLIST', 'content_filter'],
    ['PROHIBITED_CONTENT', 'content_filter'],
    ['SPII', 'content_filter'],
    ['IMAGE_SAFETY', 'content_filter'],
    ['LANGUAGE', 'content_filter'],
    ['OTHER', 'other'],
    ['FINISH_REASON_STOP', 'stop'],
    ['SOMETHING_NEW', 'other'],
  ])('maps the finish reason %s to %s and keeps it', (reason, finishReason) => {
    expect(fromResponse(response([{ text: 'x' }], reason), call)).toMatchObject({
      finishReason,
      rawFinishReason: reason,
    });
  });

  it.each(['MALFORMED_FUNCTION_CALL', 'UNEXPECTED_TOOL_CALL', 'TOO_MANY_TOOL_CALLS', 'NO_IMAGE'])(
    'calls %s a failed try',
    (reason) => {
      expect(() => fromResponse(response([{ text: 'x' }], reason), call)).toThrow(
        expect.objectContaining({ fault: 'server_error', vendorCode: reason }) as Error,
      );
    },
  );

  it('answers a blocked prompt with nothing, ended by the content filter', () => {
    const blocked = {
      promptFeedback: { blockReason: 'PROHIBITED_CONTENT' },
      usageMetadata: { promptTokenCount: 9, totalTokenCount: 9 },
    };
    expect(fromResponse(blocked, call)).toMatchObject({
      model: 'gemini-asked',
      content: '',
      finishReason: 'content_filter',
      rawFinishReason: 'PROHIBITED_CONTENT',
      usage: { promptTokens: 9, completionTokens: 0 },
    });
  });

  it('leaves unknown what is not reported', () => {
    expect(fromResponse(response([{ text: 'x' }], 'STOP'), call).usage).toEqual({});
  });

  it('throws the error that came as a 200', () => {
    const body = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } };
    expect(() => fromResponse(body, call)).toThrow(
      expect.objectContaining({
        fault: 'server_error',
        status: 503,
        message: 'The model is overloaded.',
      }) as Error,
    );
  });

  it.each([{}, { candidates: [] }, { choices: [] }, { usageMetadata: { promptTokenCount: 1 } }])(
    'calls %j malformed',
    (body) => {
      expect(() => fromResponse(body, call)).toThrow(
        expect.objectContaining({ fault: 'malformed' }) as Error,
      );
    },
  );
});
