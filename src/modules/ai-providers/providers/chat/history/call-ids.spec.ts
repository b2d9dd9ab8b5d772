import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  ANTHROPIC_ID,
  ANY_ID,
  CallIds,
  isMistral,
  MISTRAL_ID,
  OPENAI_ID,
  refusesCallIds,
} from './call-ids.js';

const RULES = { ANY_ID, OPENAI_ID, ANTHROPIC_ID, MISTRAL_ID };
const id = fc.oneof(
  fc.constantFrom('', 'call_0', 'call_1', 'a.b', 'a_b', 'abcdefghi', 'functions.f:0', 'x'.repeat(80)),
  fc.string({ maxLength: 12 }),
);
const givenTo = (ids: string[], rule: typeof ANY_ID): string[] => {
  const given = new CallIds(rule);
  return ids.map((one) => given.next(one));
};

describe('CallIds', () => {
  it.each(Object.entries(RULES))(
    'gives ids that fit %s, each once, and keeps those that are sound',
    (_name, rule) => {
      fc.assert(
        fc.property(fc.array(id, { maxLength: 30 }), (ids) => {
          const given = givenTo(ids, rule);
          expect(given.filter((one) => !rule.fits.test(one))).toEqual([]);
          expect(new Set(given).size).toBe(given.length);
          ids.forEach((one, index) => {
            const isSound = rule.fits.test(one) && !given.slice(0, index).includes(one);
            expect(given[index] === one).toBe(isSound);
          });
        }),
      );
    },
  );

  it.each(Object.entries(RULES))(
    'gives a conversation that has grown the ids of its beginning (%s)',
    (_name, rule) => {
      fc.assert(
        fc.property(fc.array(id, { maxLength: 20 }), fc.nat(20), (ids, cut) => {
          expect(givenTo(ids, rule).slice(0, cut)).toEqual(givenTo(ids.slice(0, cut), rule));
        }),
      );
    },
  );

  it('leaves what it has given as it is', () => {
    fc.assert(
      fc.property(fc.array(id), (ids) => {
        const given = givenTo(ids, MISTRAL_ID);
        expect(givenTo(given, MISTRAL_ID)).toEqual(given);
      }),
    );
  });

  it('takes no more time for an id that comes thousands of times', () => {
    const started = performance.now();
    givenTo(
      Array.from({ length: 20_000 }, () => 'call_0'),
      ANTHROPIC_ID,
    );
    expect(performance.now() - started).toBeLessThan(3_000);
  });
});

describe('isMistral', () => {
  it.each([
    ['mistral-large-latest', 'api.mistral.ai', true],
    ['mistralai/Mixtral-8x7B', 'localhost', true],
    ['devstral', '127.0.0.1', true],
    ['my-model', 'api.mistral.ai', true],
    ['llama-3', 'mistral.ai.example.org', false],
    ['gpt-4o', 'api.openai.com', false],
  ])('%s at %s: %s', (model, host, expected) => {
    expect(isMistral(model, host)).toBe(expected);
  });
});

describe('refusesCallIds', () => {
  it.each([
    'Tool call id was call_DdmO9pD3xa9XTPNJ32zg2hcA but must be a-z, A-Z, 0-9, with a length of 9.',
    'messages.1.content.0.tool_use.id: String should match pattern ^[a-zA-Z0-9_-]+$',
    'messages.3: `tool_use` ids must be unique',
    "Invalid 'messages[2].tool_calls[0].id': string too long. Expected a string with maximum length 40",
    'Duplicate tool call id call_0',
  ])('hears %s', (message) => {
    expect(refusesCallIds(message)).toBe(true);
  });

  it.each([
    'tool_use ids were found without tool_result blocks immediately after: a',
    "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'.",
    'Invalid type for tools[0].function.name',
    'This model does not support tools.',
  ])('does not hear it in %s', (message) => {
    expect(refusesCallIds(message)).toBe(false);
  });
});
