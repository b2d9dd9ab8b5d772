import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../wire/json-value.js';
import { meetsSchema } from './schema-check.js';

describe('meetsSchema', () => {
  it.each<[JsonObject, unknown[], unknown[]]>([
    [{ type: 'integer', minimum: 1, exclusiveMaximum: 5 }, [1, 4], [0, 5, 1.5, '1']],
    [{ type: ['string', 'null'], minLength: 2, maxLength: 3 }, ['ab', '👋👋', null], ['a', 'abcd', 1]],
    [{ type: 'string', pattern: '^[A-Z]{2}\\d+$' }, ['AB1'], ['ab1']],
    [{ enum: ['a', { b: 1, c: 2 }] }, ['a', { c: 2, b: 1 }], ['b', { b: 1 }]],
    [{ const: null }, [null], [0]],
    [{ type: 'number', multipleOf: 0.1 }, [0.3, 7], [0.35]],
    [
      { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true },
      [['a', 'b']],
      [[], ['a', 'a'], [1]],
    ],
    [{ prefixItems: [{ type: 'string' }], items: false }, [['a'], []], [[1], ['a', 'b']]],
    [
      {
        type: 'object',
        properties: { a: { type: 'string' } },
        required: ['a'],
        additionalProperties: { type: 'number' },
      },
      [{ a: 'x', b: 1 }],
      [{ b: 1 }, { a: 1 }, { a: 'x', b: 'y' }, []],
    ],
    [{ oneOf: [{ type: 'number' }, { type: 'integer' }] }, [1.5], [1, 'a']],
    [{ allOf: [{ minimum: 1 }, { maximum: 3 }], not: { const: 2 } }, [1, 3], [0, 2]],
    [
      {
        $ref: '#/$defs/node',
        $defs: { node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } }, required: ['v'] } },
      },
      [{ v: 1, next: { v: 2 } }],
      [{ v: 1, next: {} }],
    ],
  ])('%j', (schema, good, bad) => {
    expect(good.filter((value) => !meetsSchema(value, schema))).toEqual([]);
    expect(bad.filter((value) => meetsSchema(value, schema))).toEqual([]);
  });

  it('takes bounded time, whatever the schema', () => {
    const $defs: JsonObject = { d0: { type: 'string' } };
    for (let level = 1; level < 60; level++) {
      const ref = { $ref: `#/$defs/d${level - 1}` };
      $defs[`d${level}`] = { anyOf: [ref, ref] };
    }
    const started = performance.now();
    expect(meetsSchema(1, { $ref: '#/$defs/d59', $defs })).toBe(true);
    expect(meetsSchema(1, { $ref: '#' })).toBe(true);
    expect(meetsSchema('a'.repeat(5_000), { pattern: '^(a+)+$' })).toBe(true);
    expect(performance.now() - started).toBeLessThan(5_000);
  });
});
