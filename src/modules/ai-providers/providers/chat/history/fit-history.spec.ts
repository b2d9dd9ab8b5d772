import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { ChatMessage } from '../../../interfaces/message.interface.js';
import { ANY_ID, MISTRAL_ID } from './call-ids.js';
import { fitHistory } from './fit-history.js';
import type { HistoryRules } from './fit-history.js';

const ANY: HistoryRules = { callIds: ANY_ID };
const STRICT: HistoryRules = { callIds: MISTRAL_ID, alternate: true, userFirst: true };

const callOf = (messages: ChatMessage[], system?: string): ProviderCall => ({
  model: 'm',
  maxTokens: 9,
  messages,
  system,
});
const fit = (messages: ChatMessage[], rules = ANY): ChatMessage[] =>
  fitHistory(callOf(messages), rules).messages;
const user = (content: ChatMessage['content']): ChatMessage => ({ role: 'user', content });
const said = (content: string): ChatMessage => ({ role: 'assistant', content });
const asks = (...ids: string[]): ChatMessage => ({
  role: 'assistant',
  content: '',
  toolCalls: ids.map((id) => ({ id, name: 'weather', arguments: '{}' })),
});
const result = (toolCallId: string | undefined, content: string, name?: string): ChatMessage => ({
  role: 'tool',
  content,
  toolCallId,
  ...(name !== undefined && { name }),
});
/** Turns in short: `u:text`, `a:text`, `call id`, `id=text`. */
const short = (messages: ChatMessage[]): string[] =>
  messages.flatMap(({ role, content, toolCalls, toolCallId }) =>
    role === 'tool'
      ? [`${toolCallId}=${textOf(content)}`]
      : [
          ...(content === '' ? [] : [`${role[0]}:${textOf(content)}`]),
          ...(toolCalls ?? []).map(({ id }) => `call ${id}`),
        ],
  );
const textOf = (content: ChatMessage['content']): string =>
  typeof content === 'string'
    ? content
    : content.map((part) => (part.type === 'text' ? part.text : '')).join('|');

describe('fitHistory', () => {
  it('gives a conversation that is fit already back as it is', () => {
    const call = callOf([user('a'), said('b'), user('c')], 'Be brief');
    expect(fitHistory(call, ANY)).toBe(call);
  });

  it('leaves out turns that carry nothing', () => {
    const blank = user([{ type: 'text', text: '\t\n' }]);
    const turns = [
      user('a'),
      said(''),
      user([]),
      user([{ type: 'text', text: '' }]),
      said(' '),
      blank,
      user('b'),
    ];
    expect(short(fit(turns))).toEqual(['u:a', 'u:b']);
  });

  it('leaves a conversation of nothing but blanks to its vendor', () => {
    expect(short(fit([user(' ')]))).toEqual(['u: ']);
  });

  it.each<[string, ChatMessage[], string[]]>([
    [
      'parallel calls of one function, results in another order',
      [user('?'), asks('paris', 'tokyo'), result('tokyo', 'rain'), result('paris', 'sun')],
      ['u:?', 'call paris', 'call tokyo', 'paris=sun', 'tokyo=rain'],
    ],
    [
      'a turn between calls and results',
      [user('?'), asks('a'), user('Quick!'), result('a', '1')],
      ['u:?', 'call a', 'a=1', 'u:Quick!'],
    ],
    [
      'results of two rounds in the wrong rounds',
      [user('?'), asks('a'), result('b', '2'), asks('b'), result('a', '1')],
      ['u:?', 'call a', 'a=1', 'call b', 'b=2'],
    ],
    [
      'calls in turns of their own before their results',
      [user('?'), asks('a'), asks('b'), result('a', '1'), result('b', '2')],
      ['u:?', 'call a', 'a=1', 'call b', 'b=2'],
    ],
    [
      'an interrupted call in a conversation that went on',
      [user('?'), asks('a', 'b'), result('b', '2'), user('Stop')],
      ['u:?', 'call a', 'call b', 'a=', 'b=2', 'u:Stop'],
    ],
    ['calls that end the conversation', [user('?'), asks('a')], ['u:?', 'call a']],
    ['a result without its call', [result('lost', 'x'), user('?')], ['u:x', 'u:?']],
    ['a second result of a call', [asks('a'), result('a', '1'), result('a', '2')], ['call a', 'a=1\n\n2']],
    [
      'results without ids, told by name or order',
      [asks('a', 'b'), result(undefined, '1'), result(undefined, '2', 'weather')],
      ['call a', 'call b', 'a=1', 'b=2'],
    ],
  ])('puts results behind their calls: %s', (_what, turns, expected) => {
    expect(short(fit(turns))).toEqual(expected);
  });

  it('tells apart ids that come again, within a turn and in the next, each result with its call', () => {
    const turns = fit([
      asks('call_0', 'call_0'),
      result('call_0', '1'),
      result('call_0', '2'),
      asks('call_0'),
      result('call_0', '3'),
    ]);
    const ids = turns.flatMap(({ toolCalls }) => toolCalls ?? []).map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(turns.flatMap((turn) => (turn.role === 'tool' ? [[turn.toolCallId, turn.content]] : []))).toEqual([
      [ids[0], '1'],
      [ids[1], '2'],
      [ids[2], '3'],
    ]);
  });

  it.each([
    ['', '{}'],
    [' \n', '{}'],
    ['null', '{}'],
    ['{"a":1}', '{"a":1}'],
    ['{"a":"\\ud83d"}', '{"a":"\ufffd"}'],
    ['not json', 'not json'],
  ])('sends the arguments %j as %j', (given, sent) => {
    const [turn] = fit([{ ...asks(), toolCalls: [{ id: 'a', name: 'f', arguments: given }] }]);
    expect(turn?.toolCalls?.[0]?.arguments).toBe(sent);
  });

  it('joins neighbours where turns must alternate, and lets the user begin', () => {
    const call = callOf([said('Welcome'), user('a'), user('b'), said('c'), said('d'), user('e')], 'Be brief');
    const { system, messages } = fitHistory(call, STRICT);
    expect(system).toBe('Be brief\n\nWelcome');
    expect(short(messages)).toEqual(['u:a\n\nb', 'a:c\n\nd', 'u:e']);
  });

  it('makes the system text the user’s first turn where calls come first, or where there is no system role', () => {
    const early = fitHistory(callOf([asks('a'), result('a', '1')], 'Be brief'), { ...ANY, userFirst: true });
    expect([early.system, ...short(early.messages)]).toEqual([undefined, 'u:Be brief', 'call a', 'a=1']);
    const joined = fitHistory(callOf([user('a')], 'Be brief'), { ...ANY, withoutSystem: true });
    expect([joined.system, ...short(joined.messages)]).toEqual([undefined, 'u:Be brief\n\na']);
  });

  const turn = fc.oneof(
    fc.string({ maxLength: 3 }).map(user),
    fc.string({ maxLength: 3 }).map(said),
    fc.array(fc.constantFrom('a', 'b', 'call_0', 'x:y'), { maxLength: 3 }).map((ids) => asks(...ids)),
    fc
      .tuple(fc.constantFrom('a', 'b', 'call_0', 'x:y', undefined), fc.string({ maxLength: 3 }))
      .map(([id, text]) => result(id, text)),
  );

  it.each([
    ['any server', ANY],
    ['a strict one', STRICT],
  ])('loses no text, parts no call from its result and is stable, for %s', (_name, rules) => {
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 14 }), (turns) => {
        const once = fitHistory(callOf(turns), rules);
        expect(lettersOf([said(once.system ?? ''), ...once.messages])).toEqual(lettersOf(turns));
        expect(callCount(once.messages)).toBe(callCount(turns));
        assertAdjacent(once.messages);
        const again = fitHistory(once, rules);
        expect(short(again.messages)).toEqual(short(once.messages));
      }),
    );
  });

  it('takes time in proportion to thousands of calls and strays', () => {
    const turns = Array.from({ length: 20_000 }, (_, index) =>
      index % 3 === 0 ? asks('call_0') : result(index % 3 === 1 ? 'call_0' : undefined, 'x'),
    );
    const started = performance.now();
    fit([...turns, ...turns.filter(({ role }) => role === 'tool')]);
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

function lettersOf(turns: ChatMessage[]): string[] {
  return turns.flatMap(({ content }) => [...textOf(content).replace(/[|\s]/g, '')]).sort();
}

function callCount(turns: ChatMessage[]): number {
  return turns.reduce((count, { toolCalls }) => count + (toolCalls?.length ?? 0), 0);
}

/** Each turn with calls but the last is followed by their results, in order; no other result is anywhere. */
function assertAdjacent(turns: ChatMessage[]): void {
  let expected: string[] = [];
  for (const { role, toolCalls, toolCallId } of turns) {
    if (role === 'tool') expect(toolCallId).toBe(expected.shift());
    else expect(expected).toEqual([]);
    if (toolCalls) expected = toolCalls.map(({ id }) => id);
  }
}
