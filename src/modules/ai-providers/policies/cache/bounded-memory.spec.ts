import fc from 'fast-check';
import { BoundedMemory } from './bounded-memory.js';

describe('a bounded memory', () => {
  it('never takes more room than it has, and keeps what was written last', async () => {
    const writes = fc.array(fc.tuple(fc.string({ maxLength: 5 }), fc.string({ maxLength: 300 })), {
      minLength: 1,
      maxLength: 200,
    });
    await fc.assert(
      fc.asyncProperty(writes, async (entries) => {
        const memory = new BoundedMemory(10_000);
        for (const [key, text] of entries) {
          memory.set(key, text);
          expect(memory.size).toBeLessThanOrEqual(10_000);
          expect(await memory.get(key)).toBe(text);
        }
      }),
    );
  });

  it('does not take a text that would drive out most others', async () => {
    const memory = new BoundedMemory(10_000);
    memory.set('small', 'x');
    memory.set('large', 'x'.repeat(1_000));
    expect([await memory.get('small'), await memory.get('large')]).toEqual(['x', undefined]);
  });

  it('forgets what is deleted, and all', async () => {
    const memory = new BoundedMemory(10_000);
    memory.set('one', '1');
    memory.set('two', '2');
    expect([await memory.delete('one'), await memory.delete('one')]).toEqual([true, false]);
    await memory.clear();
    expect(memory.size).toBe(0);
  });
});
