import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { claudeSchemaProblem } from '../../../../../../../test/fakes/upstream/claude-schema.rules.js';
import type { JsonObject } from '../../../wire/json-value.js';
import { toClaudeSchema } from './schema.js';

const closed = (properties: JsonObject, more: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...more,
});
const text = { type: 'string' };

describe('a schema on its way to Claude', () => {
  it.each<[string, JsonObject, JsonObject, boolean]>([
    ['an open object', { type: 'object', properties: { a: text } }, closed({ a: text }), false],
    [
      'open objects in arrays and branches',
      { type: 'array', items: { anyOf: [{ type: 'object', properties: { a: text } }, { type: 'null' }] } },
      { type: 'array', items: { anyOf: [closed({ a: text }), { type: 'null' }] } },
      false,
    ],
    [
      'bounds',
      closed({ n: { type: 'integer', minimum: 1, description: 'Count' } }),
      closed({ n: { type: 'integer', description: 'Count\n\n{minimum: 1}' } }),
      true,
    ],
    ['a documented format', { type: 'string', format: 'email' }, { type: 'string', format: 'email' }, false],
    [
      'another format',
      { type: 'string', format: 'regex' },
      { type: 'string', description: '{format: "regex"}' },
      true,
    ],
    [
      'few items',
      { type: 'array', items: text, minItems: 1, maxItems: 3 },
      { type: 'array', items: text, minItems: 1, description: '{maxItems: 3}' },
      true,
    ],
    ['one of several', { oneOf: [text, { type: 'null' }] }, { anyOf: [text, { type: 'null' }] }, true],
    ['values', { type: 'string', enum: ['a', 'b'] }, { enum: ['a', 'b'] }, false],
    [
      'a definition',
      {
        $ref: '#/$defs/a',
        $defs: { a: { type: 'object', properties: { b: { $ref: '#/$defs/c' } } }, c: text },
      },
      closed({ b: text }),
      false,
    ],
  ])('keeps %s', (_what, schema, expected, isLoose) => {
    expect(toClaudeSchema(schema)).toEqual({ schema: expected, isLoose });
  });

  it.each<[string, JsonObject]>([
    ['a map of free keys', { type: 'object', additionalProperties: text }],
    ['an object of anything', { type: 'object' }],
    ['a map beside properties', { type: 'object', properties: { a: text }, additionalProperties: text }],
    ['keys by a pattern', { type: 'object', properties: { a: text }, patternProperties: { '^x': text } }],
    ['anything', {}],
    ['an array of anything', { type: 'array' }],
    ['recursion', { type: 'object', properties: { a: { $ref: '#' } } }],
    ['a schema elsewhere', { $ref: 'https://example.org/a.json' }],
    ['several schemas at once', { allOf: [{ properties: { a: text } }, { properties: { b: text } }] }],
    ['a property that is true', { type: 'object', properties: { a: true } }],
  ])('does not close %s, at any depth', (_what, schema) => {
    expect(toClaudeSchema(schema)).toBeUndefined();
    if (JSON.stringify(schema).includes('"#"')) return;
    expect(toClaudeSchema({ type: 'object', properties: { b: schema } })).toBeUndefined();
    expect(toClaudeSchema({ type: 'array', items: { anyOf: [text, schema] } })).toBeUndefined();
  });

  it('leaves out a keyword that was found to be refused', () => {
    expect(toClaudeSchema({ type: 'string', format: 'uuid' }, new Set(['format']))).toEqual({
      schema: { type: 'string', description: '{format: "uuid"}' },
      isLoose: true,
    });
  });

  it('makes nothing that Claude refuses, whatever the schema, and nothing without end', () => {
    const keys =
      'type enum const anyOf oneOf allOf properties required items minItems format additionalProperties $ref minimum not';
    const { schema } = fc.letrec<{ schema: JsonObject }>((tie) => ({
      schema: fc.dictionary(
        fc.constantFrom(...keys.split(' ')),
        fc.oneof(
          { maxDepth: 3 },
          fc.constantFrom(
            'object',
            'string',
            'array',
            'email',
            '#',
            '#/properties/a',
            0,
            1,
            2,
            true,
            false,
            null,
            ['a'],
          ),
          tie('schema'),
          fc.dictionary(fc.constantFrom('a', 'b'), tie('schema'), { maxKeys: 2 }),
          fc.array(tie('schema'), { maxLength: 2 }),
        ),
        { maxKeys: 4 },
      ),
    }));
    fc.assert(
      fc.property(schema, (given) => {
        const made = toClaudeSchema(given);
        if (made) expect(claudeSchemaProblem(made.schema)).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
    let doubling: JsonObject = text;
    const $defs: JsonObject = { d0: text };
    for (let level = 1; level < 30; level++) {
      doubling = { anyOf: [{ $ref: `#/$defs/d${level - 1}` }, { $ref: `#/$defs/d${level - 1}` }] };
      $defs[`d${level}`] = doubling;
    }
    expect(toClaudeSchema({ ...doubling, $defs })).toBeUndefined();
  });
});
