import fc from 'fast-check';
import type { StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import { SseDecoder } from '../../chat/streams/sse-decoder.js';
import type { SseEvent } from '../../chat/streams/stream-reader.js';
import { GeminiStreamReader } from './stream-reader.js';

const usageMetadata = {
  promptTokenCount: 10,
  candidatesTokenCount: 4,
  thoughtsTokenCount: 3,
  totalTokenCount: 17,
};
const usage = { promptTokens: 10, completionTokens: 7, reasoningTokens: 3 };

function chunk(parts: object[], finishReason?: string, more: object = {}): SseEvent {
  const content = { role: 'model', parts };
  return {
    data: JSON.stringify({ candidates: [{ content, ...(finishReason && { finishReason }) }], ...more }),
  };
}

function readAll(events: SseEvent[]): StreamPart[] {
  const reader = new GeminiStreamReader({ messages: [] });
  return [...events.flatMap((one) => reader.read(one)), ...reader.end()];
}

const textOf = (parts: StreamPart[]): string =>
  parts.map((part) => (part.type === 'text' ? part.text : '')).join('');

describe('GeminiStreamReader', () => {
  it('reads a whole stream, complete with its last event', () => {
    const reader = new GeminiStreamReader({ messages: [] });
    const named = { modelVersion: 'gemini-x', responseId: 'r1' };
    const early = { promptTokenCount: 10, totalTokenCount: 10 };
    expect(
      reader.read(chunk([{ text: 'Hm', thought: true }], undefined, { ...named, usageMetadata: early })),
    ).toEqual([
      { type: 'start', id: 'r1', model: 'gemini-x' },
      { type: 'reasoning', text: 'Hm' },
      { type: 'usage', usage: { promptTokens: 10 } },
    ]);
    expect(reader.read(chunk([{ text: 'Hel' }], undefined, named))).toEqual([{ type: 'text', text: 'Hel' }]);
    expect(reader.read(chunk([{ text: 'lo' }], 'STOP', { ...named, usageMetadata }))).toEqual([
      { type: 'text', text: 'lo' },
      { type: 'usage', usage },
    ]);
    expect(reader.state).toBe('complete');
    expect(reader.end()).toEqual([{ type: 'finish', finishReason: 'stop', rawFinishReason: 'STOP', usage }]);
  });

  it('remembers a tool call until the STOP that comes later', () => {
    const parts = readAll([
      chunk([{ functionCall: { name: 'f', args: { a: 1 } } }], undefined, { responseId: 'r' }),
      chunk([{ functionCall: { name: 'g', args: {} } }], undefined, { responseId: 'r' }),
      chunk([{ text: '' }], 'STOP', { usageMetadata }),
    ]);
    const id = expect.stringMatching(/^call_\w{32}$/) as unknown;
    expect(parts.filter(({ type }) => type === 'tool_call' || type === 'finish')).toEqual([
      { type: 'tool_call', delta: { index: 0, id, name: 'f', arguments: '{"a":1}' } },
      { type: 'tool_call', delta: { index: 1, id, name: 'g', arguments: '{}' } },
      { type: 'finish', finishReason: 'tool_calls', rawFinishReason: 'STOP', usage },
    ]);
  });

  it('takes usage from before the end for no count of the answer', () => {
    const early = { promptTokenCount: 10, totalTokenCount: 10 };
    const parts = readAll([chunk([{ text: 'Hi' }], undefined, { usageMetadata: early }), chunk([], 'STOP')]);
    expect(parts.at(-1)).toEqual({
      type: 'finish',
      finishReason: 'stop',
      rawFinishReason: 'STOP',
      usage: { promptTokens: 10 },
    });
  });

  it('holds the finish for usage that comes in an event of its own', () => {
    const reader = new GeminiStreamReader({ messages: [] });
    reader.read(chunk([{ text: 'a' }]));
    expect(reader.state).toBe('open');
    expect(reader.read(chunk([{ text: 'b' }], 'STOP'))).toEqual([{ type: 'text', text: 'b' }]);
    expect(reader.state).toBe('usage_due');
    reader.read({ data: JSON.stringify({ usageMetadata }) });
    expect(reader.state).toBe('complete');
    expect(reader.end()).toEqual([{ type: 'finish', finishReason: 'stop', rawFinishReason: 'STOP', usage }]);
  });

  it('does not take the STOP of every event for the end', () => {
    const every = ['a', 'b', 'c'].map((text) => chunk([{ text }], 'STOP', { usageMetadata }));
    const reader = new GeminiStreamReader({ messages: [] });
    const parts = every.flatMap((one) => reader.read(one));
    expect(textOf(parts)).toBe('abc');
    expect(reader.state).toBe('doubtful');
    expect(reader.end()).toMatchObject([{ type: 'finish', finishReason: 'stop' }]);
  });

  it('takes a STOP back when text follows, so that a stream cut there is not taken for whole', () => {
    const parts = readAll([chunk([], 'STOP', { usageMetadata }), chunk([{ text: 'a' }])]);
    expect(parts.some(({ type }) => type === 'finish')).toBe(false);
  });

  it('finishes an answer of one event with the end of the stream', () => {
    expect(readAll([chunk([{ text: 'a' }], 'STOP', { usageMetadata })]).at(-1)).toMatchObject({
      type: 'finish',
      usage,
    });
  });

  it.each(['MAX_TOKENS', 'SAFETY'])('believes %s at once', (reason) => {
    const reader = new GeminiStreamReader({ messages: [] });
    reader.read(chunk([], reason, { usageMetadata }));
    expect(reader.state).toBe('complete');
    expect(reader.end()).toMatchObject([{ type: 'finish', rawFinishReason: reason }]);
  });

  it('ends a blocked prompt by the content filter', () => {
    const data = JSON.stringify({
      promptFeedback: { blockReason: 'SAFETY' },
      usageMetadata: { promptTokenCount: 3 },
    });
    expect(readAll([{ data }])).toEqual([
      { type: 'usage', usage: { promptTokens: 3 } },
      {
        type: 'finish',
        finishReason: 'content_filter',
        rawFinishReason: 'SAFETY',
        usage: { promptTokens: 3 },
      },
    ]);
  });

  it('says nothing at the end of a stream that was cut', () => {
    expect(readAll([chunk([{ text: 'a' }])])).toEqual([{ type: 'text', text: 'a' }]);
  });

  it('skips what it cannot read and goes on', () => {
    const parts = readAll([
      { data: '{"candid' },
      { data: '{}' },
      chunk([{ text: '' }]),
      chunk([{ text: 'on' }]),
    ]);
    expect(parts.map(({ type }) => type)).toEqual(['malformed', 'malformed', 'alive', 'text']);
  });

  it('throws the error that the vendor reports inside the stream', () => {
    const data = JSON.stringify({
      error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' },
    });
    expect(() => readAll([chunk([{ text: 'a' }]), { data }])).toThrow(
      expect.objectContaining({ fault: 'server_error', status: 503 }) as Error,
    );
  });

  it('gives the same text however the text is cut into events and the bytes into reads', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 8 }),
        (pieces, sizes) => {
          const events = pieces.map((text, index) =>
            index === pieces.length - 1 ? chunk([{ text }], 'STOP', { usageMetadata }) : chunk([{ text }]),
          );
          const wire = Buffer.from(events.map(({ data }) => `data: ${data}\r\n\r\n`).join(''));
          const decoder = new SseDecoder();
          const reader = new GeminiStreamReader({ messages: [] });
          const parts: StreamPart[] = [];
          for (let at = 0, turn = 0; at < wire.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            for (const one of decoder.feed(wire.subarray(at, at + size))) parts.push(...reader.read(one));
            at += size;
          }
          for (const one of decoder.flush()) parts.push(...reader.read(one));
          parts.push(...reader.end());
          expect(textOf(parts)).toBe(pieces.join(''));
          expect(parts.at(-1)).toMatchObject({ type: 'finish', usage });
        },
      ),
      { numRuns: 60 },
    );
  });
});
