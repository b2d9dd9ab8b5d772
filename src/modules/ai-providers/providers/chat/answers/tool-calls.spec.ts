import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ToolCallDelta } from '../../../interfaces/completion.interface.js';
import type { ChatMessage, ToolCall } from '../../../interfaces/message.interface.js';
import { MAX_ARGUMENT_CHARS, MAX_CALLS, ToolCallAssembler, type CallPiece } from './tool-calls.js';

const OURS = /^call_[0-9a-f]{32}$/;

function read(pieces: CallPiece[], conversation: ChatMessage[] = []): ToolCallDelta[] {
  const assembler = new ToolCallAssembler(conversation);
  return [...pieces.flatMap((piece) => assembler.add(piece)), ...assembler.end()];
}

/** The calls of pieces in canonical form; throws where they are not. */
function canonical(deltas: ToolCallDelta[]): ToolCall[] {
  const calls: ToolCall[] = [];
  for (const { index, id, name, arguments: text } of deltas) {
    const call = calls[index];
    if (call === undefined) {
      expect(index).toBe(calls.length);
      expect(id).toBeTruthy();
      expect(name).toBeTruthy();
      calls.push({ id: id ?? '', name: name ?? '', arguments: text });
    } else {
      expect([id, name]).toEqual([undefined, undefined]);
      call.arguments += text;
    }
  }
  expect(new Set(calls.map(({ id }) => id)).size).toBe(calls.length);
  return calls;
}

const said = (pieces: CallPiece[]): [string, string][] =>
  canonical(read(pieces)).map(({ name, arguments: text }) => [name, text]);

const OSLO = '{"city":"Oslo"}';
const CET = '{"zone":"CET"}';

describe('ToolCallAssembler', () => {
  it.each<[string, CallPiece[]]>([
    [
      'ids under one index',
      [
        { index: 0, id: 'a', name: 'weather', arguments: OSLO },
        { index: 0, id: 'b', name: 'clock', arguments: CET },
      ],
    ],
    [
      'no ids under one index',
      [
        { index: 0, name: 'weather', arguments: '{"city"' },
        { index: 0, arguments: ':"Oslo"}' },
        { index: 0, name: 'clock', arguments: CET },
      ],
    ],
    [
      'no ids and no index',
      [
        { name: 'weather', arguments: '{"city":' },
        { arguments: '"Oslo"}' },
        { name: 'clock', arguments: CET },
      ],
    ],
    [
      'one id for all',
      [
        { index: 0, id: 'x', name: 'weather', arguments: '{"city"' },
        { index: 1, id: 'x', name: 'clock', arguments: '' },
        { index: 0, id: 'x', arguments: ':"Oslo"}' },
        { index: 1, id: 'x', arguments: CET },
      ],
    ],
    [
      'ids alone, interleaved',
      [
        { id: 'a', name: 'weather' },
        { id: 'b', name: 'clock' },
        { id: 'a', arguments: OSLO },
        { id: 'b', arguments: CET },
      ],
    ],
    [
      'an id that changes within a call',
      [
        { index: 0, id: 'a', name: 'weather', arguments: '' },
        { index: 0, id: 'b', name: '', arguments: '{"city":' },
        { index: 0, id: 'c', arguments: '"Oslo"}' },
        { index: 1, id: 'd', name: 'clock', arguments: CET },
      ],
    ],
    [
      'ids that are null or empty later, names repeated',
      [
        { index: 0, id: 'a', name: 'weather', arguments: '' },
        { index: 0, id: null, name: 'weather', arguments: '{"city":"Oslo"' },
        { index: 0, id: '', name: 'weather', arguments: '}' },
        { index: 0, id: '', name: 'weather', arguments: '' },
        { index: 1, id: 'b', name: 'clock', arguments: CET },
      ],
    ],
    [
      'indices that are huge, negative or texts',
      [
        { index: 4e9, id: 'a', name: 'weather', arguments: '{"city":' },
        { index: 4e9, arguments: '"Oslo"}' },
        { index: '-7', id: 'b', name: 'clock' },
        { index: -7, arguments: CET },
      ],
    ],
    [
      'an id before its name',
      [
        { index: 0, id: 'a' },
        { index: 0, name: 'weather' },
        { index: 0, arguments: OSLO },
        { index: 1, id: 'b', arguments: '' },
        { index: 1, name: 'clock', arguments: CET },
      ],
    ],
    [
      'objects for texts',
      [
        { index: 0, id: 'a', name: 'weather', arguments: { city: 'Oslo' } },
        { index: 1, id: 'b', name: 'clock', arguments: { zone: 'CET' } },
      ],
    ],
  ])('reads two calls with %s', (_, pieces) => {
    expect(said(pieces)).toEqual([
      ['weather', OSLO],
      ['clock', CET],
    ]);
  });

  it('keeps the vendor’s ids, and gives its own where there are none or where they came before', () => {
    const turn: ChatMessage = {
      role: 'assistant',
      content: '',
      toolCalls: [{ id: 'call_0', name: 'f', arguments: '{}' }],
    };
    const pieces = [
      { index: 0, id: 'call_0', name: 'f' },
      { index: 1, id: 'call_1', name: 'f' },
      { index: 2, id: 'call_1', name: 'f' },
      { index: 3, id: 7, name: 'f' },
      { index: 4, name: 'f' },
    ];
    const ours = expect.stringMatching(OURS) as unknown;
    expect(canonical(read(pieces, [turn])).map(({ id }) => id)).toEqual([ours, 'call_1', ours, '7', ours]);
  });

  it.each([undefined, null, '', ' \n', 'null', {}, []])('makes {} of arguments %j', (given) => {
    expect(said([{ index: 0, name: 'clock', arguments: given }])).toEqual([['clock', '{}']]);
    expect(
      said([
        { index: 0, name: 'clock' },
        { index: 0, arguments: given },
      ]),
    ).toEqual([['clock', '{}']]);
  });

  it('adds nothing to arguments that came, and leaves what is no object as the model wrote it', () => {
    for (const text of ['{"a": 1}', '{', 'nul', 'null!', '[1]', '{"text":"a ', 'Oslo']) {
      expect(said([{ name: 'f', arguments: '' }, { arguments: text }])).toEqual([['f', text]]);
    }
  });

  it.each<[string, string[], string]>([
    ['an object within a string', ['"{\\"city\\":', '\\"Oslo\\"}"'], OSLO],
    ['an empty object before the arguments', ['{}', OSLO.slice(0, 4), OSLO.slice(4)], OSLO],
    ['an empty object in pieces', ['{', ' ', '}', '\n'], '{ }'],
    ['a string that holds none', ['"Oslo"'], '"Oslo"'],
    ['a string that is cut', ['"{\\"city'], '"{\\"city'],
  ])('reads %s', (_what, texts, args) => {
    const pieces = texts.map((text, at) => ({
      index: 0,
      arguments: text,
      ...(at === 0 && { id: 'a', name: 'f' }),
    }));
    expect(said(pieces)).toEqual([['f', args]]);
  });

  it('takes time in proportion to a long string that comes in small pieces', () => {
    const pieces = Array.from({ length: 200_000 }, () => ({ index: 0, arguments: 'abcdefgh' }));
    const started = performance.now();
    said([{ index: 0, id: 'a', name: 'f', arguments: '"' }, ...pieces]);
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('leaves the text of a custom tool as it is', () => {
    const assembler = new ToolCallAssembler([]);
    const head = assembler.add({ index: 0, id: 'a', name: 'shell', arguments: ' ', custom: true });
    expect(head).toEqual([{ index: 0, id: 'a', name: 'shell', arguments: ' ', custom: true }]);
    expect(assembler.add({ index: 0, arguments: '{ ls' })).toEqual([{ index: 0, arguments: '{ ls' }]);
    expect([assembler.end(), assembler.isCut]).toEqual([[], false]);
  });

  it('tells arguments that end in the middle from whole ones and from other texts', () => {
    const isCut = (text: string): boolean => {
      const assembler = new ToolCallAssembler([]);
      assembler.add({ name: 'f', arguments: text });
      assembler.end();
      return assembler.isCut;
    };
    for (const text of ['{"city":"Os', '{"a":[1,2', '{', '{"a":"}"', '{"a":"\\"}'])
      expect(isCut(text)).toBe(true);
    for (const text of ['', '{}', OSLO, '{city: Oslo}', 'Oslo', '{"a":"{"}', '{"a":1} ']) {
      expect(isCut(text)).toBe(false);
    }
  });

  it('calls arguments without a name malformed, and more calls or characters than an answer can hold', () => {
    const malformed = expect.objectContaining({ fault: 'malformed' }) as unknown as Error;
    expect(() => read([{ index: 0, id: 'a', arguments: '{}' }])).toThrow(malformed);
    const many = Array.from({ length: MAX_CALLS + 1 }, (_, index) => ({ index, name: 'f' }));
    expect(read(many.slice(1))).toHaveLength(2 * MAX_CALLS);
    expect(() => read(many)).toThrow(malformed);
    const long = 'x'.repeat(MAX_ARGUMENT_CHARS / 2);
    expect(() => read([{ name: 'f', arguments: long }, { arguments: long }, { arguments: 'x' }])).toThrow(
      malformed,
    );
  });

  it('gives the same calls whatever the hints and the cuts, as long as they tell the calls apart', () => {
    const call = fc.record({
      name: fc.constantFrom('weather', 'clock', 'look'),
      args: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }).map((value) => JSON.stringify(value)),
      cuts: fc.array(fc.nat(40), { maxLength: 4 }),
    });
    const hints = fc.constantFrom(
      'both',
      'id',
      'id at index 0',
      'index',
      'huge index',
      'none',
      'none at index 0',
    );
    fc.assert(
      fc.property(
        fc.array(call, { minLength: 1, maxLength: 5 }),
        hints,
        fc.boolean(),
        (calls, hint, repeats) => {
          const pieces = calls.flatMap(({ name, args, cuts }, at) => {
            const id = hint.includes('id') || hint === 'both' ? { id: `v${at}` } : {};
            const places = {
              both: at,
              index: at,
              'huge index': 1e12 - at,
              'id at index 0': 0,
              'none at index 0': 0,
            };
            const index = hint in places ? { index: places[hint as keyof typeof places] } : {};
            const ends = [...new Set(cuts.filter((cut) => cut > 0 && cut < args.length))].sort(
              (a, b) => a - b,
            );
            const texts = [0, ...ends].map((start, cut) => args.slice(start, ends[cut] ?? args.length));
            return texts.map((text, piece) => ({
              ...index,
              ...((piece === 0 || repeats) && { ...id, name }),
              arguments: text,
            }));
          });
          expect(said(pieces)).toEqual(calls.map(({ name, args }) => [name, args]));
        },
      ),
      { numRuns: 300 },
    );
  });
});
