import fc from 'fast-check';
import { structureOf } from './json-structure.js';

/** Objects, lists and values in them, and levels, of a parsed JSON. */
function measured(value: unknown): { values: number; depth: number } {
  if (typeof value !== 'object' || value === null) return { values: 0, depth: 0 };
  const inner = Object.values(value).map(measured);
  return {
    values: inner.reduce((sum, { values }) => sum + values + 1, 0),
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
  };
}

describe('structureOf', () => {
  it('knows the depth, and the number of values at least and at most twice', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(0, 2), (value, indent) => {
        const { values, depth } = structureOf(Buffer.from(JSON.stringify(value, null, indent)));
        const real = measured(value);
        expect(depth).toBe(real.depth);
        expect(values).toBeGreaterThanOrEqual(real.values);
        expect(values).toBeLessThanOrEqual(2 * real.values + 1);
      }),
    );
  });

  it('reads what is no JSON to its end as well', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '[', '{', ',', ']', 'a') }), (text) => {
        expect(structureOf(Buffer.from(text)).depth).toBeLessThanOrEqual(text.length);
      }),
    );
  });
});
