import { describe, expect, it } from '@jest/globals';
import { ifMatch } from './if-match.js';

describe('If-Match', () => {
  it.each([
    [undefined, undefined],
    ['*', 'any'],
    ['"12"', ['12']],
    [' "12" ', ['12']],
    ['"12", "13"', ['12', '13']],
    ['"not a number"', undefined],
    ['"abc"', ['abc']],
    ['W/"12"', []],
    ['W/"12", "13"', ['13']],
    ['""', ['']],
  ])('reads %j', (header, read) => {
    if (header === '"not a number"') expect(() => ifMatch(header)).toThrow(/If-Match/);
    else expect(ifMatch(header)).toEqual(read);
  });

  it.each([
    '',
    ' ',
    '12',
    '"12',
    "'12'",
    '"12" "13"',
    '"12",',
    '*,"12"',
    'w/"12"',
    '"ä"',
    `"${'1'.repeat(2_000)}"`,
  ])('refuses %j', (header) => {
    expect(() => ifMatch(header)).toThrow(expect.objectContaining({ code: 'VALIDATION_FAILED' }));
  });
});
