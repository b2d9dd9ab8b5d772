import { FakeClock } from './fake-clock.js';

describe('FakeClock', () => {
  it('runs what falls due in order of time, then of scheduling, each at its own moment', async () => {
    const clock = new FakeClock(0);
    const seen: string[] = [];
    clock.schedule(20, () => seen.push(`late@${clock.monotonic()}`));
    clock.schedule(10, () => seen.push(`first@${clock.monotonic()}`));
    clock.schedule(10, () => seen.push(`second@${clock.monotonic()}`));
    await clock.advance(15);
    expect(seen).toEqual(['first@10', 'second@10']);
    expect(clock.monotonic()).toBe(15);
    expect(clock.pending).toBe(1);
  });

  it('never runs what was cancelled', async () => {
    const clock = new FakeClock(0);
    let ran = false;
    const cancel = clock.schedule(5, () => (ran = true));
    cancel();
    await clock.advance(10);
    expect(ran).toBe(false);
  });

  it('lets promises settle between callbacks, so that a loop of sleeps runs on', async () => {
    const clock = new FakeClock(0);
    const woken: number[] = [];
    const loop = (async () => {
      for (let i = 0; i < 3; i++) {
        await new Promise<void>((resolve) => clock.schedule(10, resolve));
        woken.push(clock.monotonic());
      }
    })();
    await clock.advance(100);
    await loop;
    expect(woken).toEqual([10, 20, 30]);
  });
});
