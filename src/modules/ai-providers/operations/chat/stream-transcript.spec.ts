import { describe, expect, it } from '@jest/globals';
import { finish, text } from '../../../../../test/fakes/pipeline-bench.js';
import type { StreamPart } from '../../interfaces/ai-adapter.interface.js';
import { StreamTranscript } from './stream-transcript.js';

const tool = (index: number, fragment: string, head: { id?: string; name?: string } = {}): StreamPart => ({
  type: 'tool_call',
  delta: { index, arguments: fragment, ...head },
});

describe('StreamTranscript', () => {
  it('makes a chunk of what bears content and of nothing else', () => {
    const transcript = new StreamTranscript('id');
    const { chunks, finish: end } = transcript.take([
      { type: 'start', model: 'vendor-model' },
      { type: 'alive' },
      text('Hel'),
      { type: 'malformed' },
      { type: 'usage', usage: { promptTokens: 1 } },
      { type: 'reasoning', text: 'hm' },
      text('lo'),
    ]);
    expect(chunks).toEqual([
      { id: 'id', content: 'Hel', done: false, model: 'vendor-model' },
      { id: 'id', content: '', done: false, model: 'vendor-model', reasoning: 'hm' },
      { id: 'id', content: 'lo', done: false, model: 'vendor-model' },
    ]);
    expect(end).toBeUndefined();
    expect(transcript.text).toBe('Hello');
    expect(transcript.model).toBe('vendor-model');
  });

  it('names one model for all pieces of a try: the first that the vendor tells, else the one asked for', () => {
    const transcript = new StreamTranscript('id');
    transcript.begin({ model: 'asked' });
    transcript.take([text('a'), { type: 'start', model: 'late' }, text('b')]);
    expect(transcript.model).toBe('asked');
    transcript.begin({ model: 'next' });
    const { chunks } = transcript.take([
      { type: 'start', model: 'told' },
      text('c'),
      { type: 'start', model: 'x' },
    ]);
    expect(chunks).toMatchObject([{ model: 'told' }]);
    expect(transcript.model).toBe('told');
  });

  it('reads nothing behind the finish', () => {
    const transcript = new StreamTranscript('id');
    const { chunks, finish: end } = transcript.take([text('a'), finish(), text('b')]);
    expect(chunks).toHaveLength(1);
    expect(end?.type).toBe('finish');
    expect(transcript.text).toBe('a');
  });

  it('puts interleaved fragments of tool calls together', () => {
    const transcript = new StreamTranscript('id');
    transcript.take([
      tool(0, '', { id: 'c0', name: 'look' }),
      tool(1, '{"b"', { id: 'c2', name: 'find' }),
      tool(0, '{"a":'),
      tool(1, ':2}'),
      tool(0, '1}'),
    ]);
    expect(transcript.toolCalls).toEqual([
      { id: 'c0', name: 'look', arguments: '{"a":1}' },
      { id: 'c2', name: 'find', arguments: '{"b":2}' },
    ]);
  });

  it.each<[string, StreamPart, boolean]>([
    ['text', text('a'), true],
    ['reasoning', { type: 'reasoning', text: 'hm' }, false],
    ['a refusal', { type: 'refusal', text: 'no' }, false],
    ['a tool call', tool(0, '{}'), false],
  ])('knows whether another try may go on after %s', (_, part, textOnly) => {
    const transcript = new StreamTranscript('id');
    transcript.take([part]);
    expect(transcript.isTextOnly).toBe(textOnly);
  });
});
