import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ReleaseSlot } from './slot-pool.js';
import { SlotPool } from './slot-pool.js';

describe('SlotPool', () => {
  it('gives as many slots as the bound, and one more for each given back', () => {
    const pool = new SlotPool();
    const first = pool.tryTake('a', 2);
    pool.tryTake('a', 2);
    expect(pool.tryTake('a', 2)).toBeNull();
    first?.();
    expect(pool.tryTake('a', 2)).not.toBeNull();
  });

  it('bounds each provider for itself, and one without a bound not at all', () => {
    const pool = new SlotPool();
    pool.tryTake('a', 1);
    expect(pool.hasRoom('a', 1)).toBe(false);
    expect(pool.hasRoom('b', 1)).toBe(true);
    for (let taken = 0; taken < 100; taken += 1) pool.tryTake('c', null);
    expect(pool.inFlight('c')).toBe(100);
  });

  it('takes a slot back once, however often it is given back, and says so once', () => {
    const released: string[] = [];
    const pool = new SlotPool((id) => released.push(id));
    const [one] = [pool.tryTake('a', 2), pool.tryTake('a', 2)];
    expect([one?.(), one?.()]).toEqual([true, false]);
    expect(pool.inFlight('a')).toBe(1);
    expect(released).toEqual(['a']);
  });

  it('never exceeds a bound, and ends at zero', () => {
    const steps = fc.array(
      fc.record({ id: fc.constantFrom('a', 'b'), release: fc.boolean(), which: fc.nat(9) }),
    );
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 4 }), (history, bound) => {
        const pool = new SlotPool();
        const held: { id: string; release: ReleaseSlot }[] = [];
        for (const { id, release, which } of history) {
          if (release) held.splice(which % Math.max(1, held.length), 1)[0]?.release();
          else {
            const slot = pool.tryTake(id, bound);
            if (slot) held.push({ id, release: slot });
          }
          for (const each of ['a', 'b']) {
            expect(pool.inFlight(each)).toBe(held.filter((slot) => slot.id === each).length);
            expect(pool.inFlight(each)).toBeLessThanOrEqual(bound);
          }
        }
        for (const { release } of held) release();
        expect(pool.size).toBe(0);
      }),
    );
  });
});
