import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { geminiSchemaProblem } from '../../../../../../../test/fakes/upstream/gemini-schema.rules.js';
import type { JsonObject } from '../../../wire/json-value.js';
import { asGeminiSchema, parametersOf } from './schema-way.js';

const exact = (schema: JsonObject): JsonObject | undefined => asGeminiSchema(schema, 'auto');

describe('a schema on its way to Gemini', () => {
  it.each<[string, JsonObject, JsonObject]>([
    [
      'a nullable list of texts',
      { type: ['string', 'null'], enum: ['a', null] },
      { type: 'string', nullable: true, enum: ['a'] },
    ],
    [
      'an empty text among others',
      { type: 'string', enum: ['list', ''] },
      { type: 'string', enum: ['list'] },
    ],
    [
      'values of other types than its own',
      { type: 'string', enum: ['a', 1, null, 'a'] },
      { type: 'string', enum: ['a'] },
    ],
    ['values that tell the type', { enum: ['a', 'b'] }, { type: 'string', enum: ['a', 'b'] }],
    ['one value', { const: 'a' }, { type: 'string', enum: ['a'] }],
    [
      'a union with null',
      { anyOf: [{ type: 'integer' }, { type: 'null' }], title: 'N', default: null },
      { type: 'integer', title: 'N', default: null, nullable: true },
    ],
    [
      'a union',
      { anyOf: [{ type: 'integer' }, { type: 'string' }] },
      { anyOf: [{ type: 'integer' }, { type: 'string' }] },
    ],
    [
      'a closed object',
      {
        type: 'object',
        properties: { a: { type: 'boolean' } },
        required: ['a', 'a'],
        additionalProperties: false,
      },
      { type: 'object', properties: { a: { type: 'boolean' } }, required: ['a'] },
    ],
    [
      'what says nothing of the values',
      { $schema: 'x', $id: 'y', type: 'STRING', examples: ['a'], readOnly: true },
      { type: 'string' },
    ],
    [
      'bounds and a documented format',
      { type: 'array', minItems: 1, maxItems: 2, items: { type: 'integer', format: 'int64', minimum: -1 } },
      { type: 'array', minItems: 1, maxItems: 2, items: { type: 'integer', format: 'int64', minimum: -1 } },
    ],
  ])('says %s in Gemini’s words', (_what, schema, expected) => {
    expect(exact(schema)).toEqual(expected);
    expect(geminiSchemaProblem(expected)).toBeUndefined();
  });

  it.each<[string, JsonObject]>([
    ['a format that is not documented', { type: 'string', format: 'uri' }],
    ['a format of another type', { type: 'integer', format: 'date-time' }],
    ['an array of anything', { type: 'array' }],
    ['a tuple', { type: 'array', items: [{ type: 'string' }] }],
    ['a tuple of today', { type: 'array', prefixItems: [{ type: 'string' }], items: false }],
    ['a node without a type', { description: 'anything' }],
    ['a node of several types', { type: ['string', 'integer'] }],
    ['an unknown type', { type: 'constructor' }],
    ['an object of free keys', { type: 'object', additionalProperties: { type: 'string' } }],
    ['an object without properties', { type: 'object', properties: {} }],
    ['a property that is true', { type: 'object', properties: { a: true } }],
    [
      'a required property that is not there',
      { type: 'object', properties: { a: { type: 'string' } }, required: ['b'] },
    ],
    ['numbers to choose from', { type: 'integer', enum: [1, 2] }],
    ['a number alone', { const: 4 }],
    ['an empty text alone', { type: 'string', enum: [''] }],
    ['nothing to choose from', { type: 'string', enum: [] }],
    ['bounds that no value meets', { type: 'string', minLength: 3, maxLength: 2 }],
    ['a negative bound', { type: 'array', items: { type: 'string' }, minItems: -1 }],
    ['a bound of another type', { type: 'string', minimum: 3 }],
    ['a bound that is no number', { type: 'integer', minimum: '3' }],
    ['an exclusive bound', { type: 'number', exclusiveMinimum: 0 }],
    ['a pattern that looks ahead', { type: 'string', pattern: '^(?=a)' }],
    ['a description that is no text', { type: 'string', description: ['a'] }],
    [
      'a reference',
      { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: { type: 'string' } } },
    ],
    ['oneOf', { oneOf: [{ type: 'string' }] }],
    ['allOf', { allOf: [{ type: 'string' }] }],
    ['a union beside something', { type: 'object', anyOf: [{ type: 'string' }, { type: 'integer' }] }],
    ['a union of three with null', { anyOf: [{ type: 'string' }, { type: 'integer' }, { type: 'null' }] }],
    ['unique items', { type: 'array', items: { type: 'string' }, uniqueItems: true }],
    ['a branch that cannot be said', { anyOf: [{ type: 'string' }, { type: 'array' }] }],
  ])('does not say %s, at any depth', (_what, schema) => {
    expect(exact(schema)).toBeUndefined();
    for (const wrapped of [
      { type: 'object', properties: { a: { type: 'string' }, b: schema } },
      { type: 'array', items: schema },
      { anyOf: [{ type: 'string' }, schema] },
    ]) {
      expect(exact(wrapped)).toBeUndefined();
    }
  });

  const keyword = fc.constantFrom(
    ...[
      'type',
      'format',
      'enum',
      'const',
      'items',
      'properties',
      'required',
      'anyOf',
      'minLength',
      'minimum',
    ],
    ...[
      'maxItems',
      'nullable',
      'description',
      'default',
      'additionalProperties',
      '$ref',
      'pattern',
      'prefixItems',
    ],
  );
  const held = fc.oneof(
    fc.constantFrom(
      'string',
      'integer',
      'object',
      'array',
      'null',
      'uri',
      'date-time',
      '',
      'a',
      -1,
      1,
      2.5,
      true,
      null,
    ),
    fc.constantFrom(['string', 'null'], ['a', ''], ['a', 1], [], ['b']),
  );
  const anything = fc.letrec<{ schema: JsonObject }>((tie) => ({
    schema: fc.dictionary(
      keyword,
      fc.oneof(
        { maxDepth: 3 },
        held,
        tie('schema'),
        fc.dictionary(fc.constantFrom('a', 'b'), tie('schema'), { maxKeys: 2 }),
        fc.array(tie('schema'), { maxLength: 2 }),
      ),
      { maxKeys: 4 },
    ),
  })).schema;

  it('says nothing that Gemini refuses, whatever the schema, and says the same of what it has said', () => {
    fc.assert(
      fc.property(anything, (schema) => {
        for (const way of ['auto', 'schema'] as const) {
          const said = asGeminiSchema(schema, way);
          if (said === undefined) continue;
          expect(geminiSchemaProblem(said)).toBeUndefined();
          expect(asGeminiSchema(said, way)).toEqual(said);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('tells in words what it has no word for, where JSON Schema was refused', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string', format: 'uri', description: 'Link' } },
      minProperties: 1,
      required: ['a'],
    };
    expect(asGeminiSchema(schema, 'schema')).toEqual({
      type: 'object',
      properties: { a: { type: 'string', description: 'Link (format: "uri")' } },
      minProperties: 1,
      required: ['a'],
    });
  });

  it('gives a deep schema to the field that takes it, in no time', () => {
    let schema: JsonObject = { type: 'string' };
    for (let depth = 0; depth < 5_000; depth++) schema = { type: 'array', items: schema };
    expect(exact(schema)).toBeUndefined();
  });
});

describe('the parameters of a tool', () => {
  const fields = (parameters: JsonObject): JsonObject => parametersOf({ name: 't', parameters }, 'auto');

  it.each([
    {},
    { type: 'object' },
    { type: 'object', properties: {}, required: [], additionalProperties: false, $schema: 'x' },
  ])('are none where there are none: %j', (parameters) => {
    expect(fields(parameters)).toEqual({});
  });

  it.each([
    { type: 'object', additionalProperties: { type: 'string' } },
    { type: 'object', properties: {}, additionalProperties: true },
    { type: 'object', properties: {}, required: ['a'] },
    { $ref: '#/$defs/a', $defs: { a: { type: 'object' } } },
    { type: 'object', anyOf: [{ required: ['a'] }] },
  ])('are never left out: %j', (parameters) => {
    expect(fields(parameters)).toEqual({ parametersJsonSchema: parameters });
  });

  it('are an object, said or not', () => {
    const properties = { a: { type: 'string' } };
    expect(fields({ properties })).toEqual({ parameters: { type: 'object', properties } });
  });
});
