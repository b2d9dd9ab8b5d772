import { describe, expect, it } from '@jest/globals';
import { systemClock } from './system-clock.js';

describe('systemClock', () => {
  it('says the time', () => {
    const before = Date.now();
    expect(systemClock.wallTime()).toBeGreaterThanOrEqual(before);
    expect(systemClock.wallTime()).toBeLessThanOrEqual(Date.now());
  });

  it('measures durations in whole milliseconds, whatever becomes of the time', () => {
    const told = Date.now;
    const before = systemClock.monotonic();
    Date.now = () => told() - 3_600_000;
    try {
      expect(systemClock.monotonic() - before).toBeGreaterThanOrEqual(0);
      expect(Number.isInteger(systemClock.monotonic())).toBe(true);
    } finally {
      Date.now = told;
    }
  });

  it('calls back once after the delay', async () => {
    const start = performance.now();
    await new Promise<void>((done) => systemClock.schedule(20, done));
    expect(performance.now() - start).toBeGreaterThanOrEqual(18);
  });

  it('does not call back once cancelled', async () => {
    let called = false;
    const cancel = systemClock.schedule(1, () => {
      called = true;
    });
    cancel();
    await new Promise<void>((done) => systemClock.schedule(20, done));
    expect(called).toBe(false);
  });

  it('waits long for a delay longer than a timer takes, where Node would fire at once', async () => {
    let called = false;
    const cancel = systemClock.schedule(2 ** 31, () => {
      called = true;
    });
    await new Promise<void>((done) => systemClock.schedule(20, done));
    cancel();
    expect(called).toBe(false);
  });
});
