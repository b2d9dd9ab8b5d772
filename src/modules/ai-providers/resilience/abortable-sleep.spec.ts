import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { Clock } from '../interfaces/clock.interface.js';
import { sleep } from './abortable-sleep.js';

/** Holds what was scheduled until the test fires it. */
class HeldClock implements Clock {
  readonly timers = new Map<number, () => void>();

  monotonic(): number {
    return 0;
  }

  wallTime(): number {
    throw new Error('Waiting does not go by the time of day');
  }

  schedule(delayMs: number, callback: () => void): () => void {
    this.timers.set(delayMs, callback);
    return () => this.timers.delete(delayMs);
  }
}

function fixture(): { clock: HeldClock; controller: AbortController; listeners: () => number } {
  const controller = new AbortController();
  return {
    clock: new HeldClock(),
    controller,
    listeners: () => getEventListeners(controller.signal, 'abort').length,
  };
}

describe('sleep', () => {
  it('ends when its time is up and not before, and leaves no listener', async () => {
    const { clock, controller, listeners } = fixture();
    let ended = false;
    const sleeping = sleep(250, controller.signal, clock).then(() => (ended = true));
    await Promise.resolve();
    expect(ended).toBe(false);
    expect(listeners()).toBe(1);

    clock.timers.get(250)?.();
    await sleeping;
    expect(ended).toBe(true);
    expect(listeners()).toBe(0);
  });

  it('rejects with the reason when the signal aborts, and leaves no timer and no listener', async () => {
    const { clock, controller, listeners } = fixture();
    const reason = new Error('the caller hung up');
    const sleeping = sleep(250, controller.signal, clock);
    controller.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    expect(clock.timers.size).toBe(0);
    expect(listeners()).toBe(0);
  });

  it('rejects with the reason without setting a timer when the signal has aborted before', async () => {
    const { clock, controller } = fixture();
    const reason = new Error('already gone');
    controller.abort(reason);
    await expect(sleep(250, controller.signal, clock)).rejects.toBe(reason);
    expect(clock.timers.size).toBe(0);
  });
});
