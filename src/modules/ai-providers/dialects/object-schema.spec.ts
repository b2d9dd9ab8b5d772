import { describe, expect, it } from '@jest/globals';
import { allowsObject, inputSchemaOf } from './object-schema.js';

describe('allowsObject', () => {
  it.each([
    [{}, true],
    [{ type: 'object' }, true],
    [{ type: ['null', 'object'] }, true],
    [{ properties: {} }, true],
    [{ anyOf: [{ type: 'object' }] }, true],
    [{ enum: ['a', { b: 1 }] }, true],
    [{ type: 'array' }, false],
    [{ type: ['string', 'null'] }, false],
    [{ items: { type: 'object' } }, false],
    [{ const: 4 }, false],
    [{ enum: ['a', null] }, false],
  ])('says of %j: %s', (schema, allows) => expect(allowsObject(schema)).toBe(allows));
});

describe('inputSchemaOf', () => {
  it('leaves what is plain as it is', () => {
    const schema = { properties: { a: { anyOf: [{ type: 'string' }, { type: 'null' }] } }, required: ['a'] };
    expect(inputSchemaOf(schema)).toEqual({ ...schema, type: 'object' });
  });

  it.each(['anyOf', 'oneOf', 'allOf'])('tells %s of the root in words', (keyword) => {
    const schema = { description: 'A place.', properties: { a: {} }, [keyword]: [{ required: ['a'] }] };
    expect(inputSchemaOf(schema)).toEqual({
      type: 'object',
      properties: { a: {} },
      description: `A place.\n\nThe input meets this JSON Schema: ${JSON.stringify(schema)}`,
    });
  });
});
