import { describe, expect, it } from '@jest/globals';
import { readableLine } from './readable.line.js';

const AT = { level: 'warn', time: '2026-11-30T08:05:09.007Z', pid: 7, hostname: 'box' };
const shown = (fields: object): string => readableLine(JSON.stringify({ ...AT, ...fields }));

describe('readableLine', () => {
  it('shows time, level and message, and neither process nor host', () => {
    expect(shown({ msg: 'Redis is away' })).toBe('08:05:09.007 WARN  Redis is away\n');
  });

  it('shows the context before the message and every other field after it, as JSON', () => {
    expect(shown({ msg: 'Asked', context: 'Router', providerId: 'p1', tokens: { in: 3 } })).toBe(
      '08:05:09.007 WARN  [Router] Asked {"providerId":"p1","tokens":{"in":3}}\n',
    );
  });

  it('shows the stack of an error below, and what else is known of it beside the message', () => {
    const err = { type: 'TypeError', message: 'no', code: 'E_NO', stack: 'TypeError: no\n    at here' };
    expect(shown({ msg: 'Failed', err })).toBe(
      '08:05:09.007 WARN  Failed {"err":{"type":"TypeError","message":"no","code":"E_NO"}}\nTypeError: no\n    at here\n',
    );
  });

  it('shows a line without message, and an error that is a mere text', () => {
    expect(shown({ n: 0 })).toBe('08:05:09.007 WARN  {"n":0}\n');
    expect(shown({ msg: ['a'], err: 'lost' })).toBe('08:05:09.007 WARN  ["a"]\n');
  });
});
