import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FakeClock } from '../../../../../test/fakes/fake-clock.js';
import type { ProviderError } from '../../errors/provider.error.js';
import { AttemptWatchdog } from './attempt-watchdog.js';

function watched(): {
  clock: FakeClock;
  dog: AttemptWatchdog;
  barks: { at: number; error: ProviderError }[];
} {
  const clock = new FakeClock(0);
  const barks: { at: number; error: ProviderError }[] = [];
  const dog = new AttemptWatchdog(clock, (error) => barks.push({ at: clock.monotonic(), error }));
  return { clock, dog, barks };
}

describe('AttemptWatchdog', () => {
  it('says which deadline ran out, at the moment it does', async () => {
    const { clock, dog, barks } = watched();
    dog.limit('attempt', 60_000);
    dog.limit('first_token', 12_000);
    await clock.advance(11_999);
    expect(barks).toEqual([]);
    await clock.advance(1);
    expect(barks).toMatchObject([{ at: 12_000, error: { fault: 'timeout', phase: 'first_token' } }]);
    expect(barks[0]?.error.message).toBe('The provider sent no content within 12000 ms');
  });

  it('forgets a phase that is over and goes on watching the others', async () => {
    const { clock, dog, barks } = watched();
    dog.limit('attempt', 20);
    dog.limit('first_token', 10);
    dog.lift('first_token');
    await clock.advance(19);
    expect(barks).toEqual([]);
    await clock.advance(1);
    expect(barks).toMatchObject([{ at: 20, error: { phase: 'attempt' } }]);
  });

  it('fires as late as the last event moved the deadline, with one timer however many events come', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 20 }),
        async (gaps) => {
          const { clock, dog, barks } = watched();
          for (const gap of gaps) {
            dog.limit('idle', 100);
            expect(clock.pending).toBe(1);
            await clock.advance(gap);
          }
          dog.limit('idle', 100);
          const due = clock.monotonic() + 100;
          await clock.advance(99);
          expect(barks).toEqual([]);
          await clock.advance(1);
          expect(barks.map(({ at }) => at)).toEqual([due]);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('lets time stand still while nobody waits for the provider', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: 99 }),
        fc.integer({ min: 0, max: 1_000 }),
        async (before, pause) => {
          const { clock, dog, barks } = watched();
          dog.limit('attempt', 100);
          await clock.advance(before);
          dog.pause();
          dog.pause();
          await clock.advance(pause);
          dog.resume();
          dog.resume();
          await clock.advance(99 - before);
          expect(barks).toEqual([]);
          await clock.advance(1);
          expect(barks.map(({ at }) => at)).toEqual([100 + pause]);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('leaves no timer behind', async () => {
    const { clock, dog, barks } = watched();
    dog.limit('attempt', 10);
    dog.limit('idle', 5);
    dog.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(100);
    expect(barks).toEqual([]);
  });
});
