import fc from 'fast-check';
import type { StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import { SseDecoder } from '../../chat/streams/sse-decoder.js';
import type { SseEvent } from '../../chat/streams/stream-reader.js';
import { AnthropicStreamReader } from './stream-reader.js';

const event = (type: string, more: object = {}): SseEvent => ({
  event: type,
  data: JSON.stringify({ type, ...more }),
});
const start = event('message_start', {
  message: {
    id: 'msg_1',
    model: 'claude-x',
    usage: {
      input_tokens: 10,
      cache_creation_input_tokens: 2,
      cache_read_input_tokens: 30,
      output_tokens: 1,
    },
  },
});
const open = (index: number, content_block: object): SseEvent =>
  event('content_block_start', { index, content_block });
const delta = (index: number, said: object): SseEvent => event('content_block_delta', { index, delta: said });
const close = (index: number): SseEvent => event('content_block_stop', { index });
const finish = (stop_reason: string): SseEvent =>
  event('message_delta', { delta: { stop_reason, stop_sequence: null }, usage: { output_tokens: 12 } });

function readAll(events: SseEvent[]): StreamPart[] {
  const reader = new AnthropicStreamReader({ messages: [] });
  return [...events.flatMap((one) => reader.read(one)), ...reader.end()];
}

describe('AnthropicStreamReader', () => {
  it('reads a whole stream, complete with message_delta', () => {
    const parts = readAll([
      start,
      open(0, { type: 'text', text: '' }),
      event('ping'),
      delta(0, { type: 'text_delta', text: 'Hel' }),
      delta(0, { type: 'text_delta', text: 'lo' }),
      close(0),
      finish('end_turn'),
    ]);
    expect(parts.filter(({ type }) => type !== 'alive' && type !== 'sign_of_life')).toEqual([
      { type: 'start', id: 'msg_1', model: 'claude-x' },
      { type: 'usage', usage: { promptTokens: 42, cachedPromptTokens: 30, cacheWriteTokens: 2 } },
      { type: 'text', text: 'Hel' },
      { type: 'text', text: 'lo' },
      {
        type: 'usage',
        usage: { promptTokens: 42, completionTokens: 12, cachedPromptTokens: 30, cacheWriteTokens: 2 },
      },
      {
        type: 'finish',
        finishReason: 'stop',
        rawFinishReason: 'end_turn',
        usage: { promptTokens: 42, completionTokens: 12, cachedPromptTokens: 30, cacheWriteTokens: 2 },
      },
    ]);
  });

  it('reads thoughts and tool calls, those without arguments too', () => {
    const parts = readAll([
      open(0, { type: 'thinking', thinking: '', signature: '' }),
      delta(0, { type: 'thinking_delta', thinking: 'Hm' }),
      delta(0, { type: 'signature_delta', signature: 'xyz' }),
      close(0),
      open(1, { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} }),
      delta(1, { type: 'input_json_delta', partial_json: '' }),
      delta(1, { type: 'input_json_delta', partial_json: '{"city":' }),
      delta(1, { type: 'input_json_delta', partial_json: '"Rome"}' }),
      close(1),
      open(2, { type: 'tool_use', id: 'toolu_2', name: 'now', input: {} }),
      close(2),
      finish('tool_use'),
    ]);
    expect(parts.filter(({ type }) => type === 'reasoning' || type === 'tool_call')).toEqual([
      { type: 'reasoning', text: 'Hm' },
      { type: 'tool_call', delta: { index: 0, id: 'toolu_1', name: 'weather', arguments: '' } },
      { type: 'tool_call', delta: { index: 0, arguments: '{"city":' } },
      { type: 'tool_call', delta: { index: 0, arguments: '"Rome"}' } },
      { type: 'tool_call', delta: { index: 1, id: 'toolu_2', name: 'now', arguments: '' } },
      { type: 'tool_call', delta: { index: 1, arguments: '{}' } },
    ]);
    expect(parts.at(-1)).toMatchObject({ finishReason: 'tool_calls' });
  });

  it('says nothing at the end of a stream that was cut', () => {
    expect(readAll([start, delta(0, { type: 'text_delta', text: 'a' })]).at(-1)).toEqual({
      type: 'text',
      text: 'a',
    });
  });

  it('takes message_stop for an end where no stop reason came', () => {
    expect(readAll([start, event('message_stop')]).at(-1)).toMatchObject({
      type: 'finish',
      finishReason: 'other',
    });
  });

  it('takes a stop reason back when content follows it', () => {
    const text = delta(0, { type: 'text_delta', text: 'a' });
    const reader = new AnthropicStreamReader({ messages: [] });
    for (const one of [start, text, finish('end_turn')]) reader.read(one);
    expect(reader.state).toBe('complete');
    reader.read(text);
    expect(reader.state).toBe('open');
    reader.read(finish('max_tokens'));
    expect(reader.read(event('message_stop'))).toMatchObject([{ finishReason: 'length' }]);
  });

  it('skips what it cannot read and goes on', () => {
    const parts = readAll([
      { event: 'content_block_delta', data: '{"type":"content_bl' },
      { data: '{}' },
      delta(0, { type: 'text_delta' }),
      event('something_new', { a: 1 }),
      delta(0, { type: 'text_delta', text: 'on' }),
    ]);
    expect(parts.map(({ type }) => type)).toEqual(['malformed', 'malformed', 'malformed', 'alive', 'text']);
  });

  it('throws the error that the vendor reports inside the stream', () => {
    const error = event('error', { error: { type: 'overloaded_error', message: 'Overloaded' } });
    expect(() => readAll([start, error])).toThrow(
      expect.objectContaining({ fault: 'server_error', status: 529, message: 'Overloaded' }) as Error,
    );
  });

  it('gives the same text however the text is cut into events and the bytes into reads', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        (pieces, sizes) => {
          const events = [
            start,
            ...pieces.map((text) => delta(0, { type: 'text_delta', text })),
            finish('end_turn'),
          ];
          const wire = Buffer.from(
            events.map((one) => `event: ${one.event}\ndata: ${one.data}\n\n`).join(''),
          );
          const decoder = new SseDecoder();
          const reader = new AnthropicStreamReader({ messages: [] });
          const parts: StreamPart[] = [];
          for (let at = 0, turn = 0; at < wire.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            for (const one of decoder.feed(wire.subarray(at, at + size))) parts.push(...reader.read(one));
            at += size;
          }
          parts.push(...reader.end());
          const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
          expect(text).toBe(pieces.join(''));
          expect(parts.at(-1)?.type).toBe('finish');
        },
      ),
      { numRuns: 60 },
    );
  });
});
