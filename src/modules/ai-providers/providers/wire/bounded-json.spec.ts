import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseBounded } from './bounded-json.js';

describe('parseBounded', () => {
  it.each([
    ['brackets', '['.repeat(1_000_000)],
    ['a deep object', '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000)],
    ['a million empty objects', `[${'{},'.repeat(1_000_000)}{}]`],
    ['a million names', `{${Array.from({ length: 1_000_000 }, (_, at) => `"k${at}":1`).join(',')}}`],
  ])('refuses %s without parsing it', (_, text) => {
    expect(() => parseBounded(text)).toThrow(/^The JSON /);
  });

  it('reads what an answer may hold: one long text, many log probabilities, brackets in texts', () => {
    const text = `${'['.repeat(100_000)}\\"`;
    expect(parseBounded(JSON.stringify({ text }))).toEqual({ text });
    const top_logprobs = Array.from({ length: 20 }, () => ({
      token: 'a',
      logprob: -1.5,
      bytes: [97, 98, 99],
    }));
    const content = Array.from({ length: 2_000 }, () => ({
      token: 'a',
      logprob: -1,
      bytes: [97],
      top_logprobs,
    }));
    expect(parseBounded(JSON.stringify({ content }))).toEqual({ content });
  });

  it('is JSON.parse for everything else', () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        const padded = ' '.repeat(5_000) + json;
        expect(parseBounded(padded)).toEqual(JSON.parse(padded));
      }),
    );
  });
});
