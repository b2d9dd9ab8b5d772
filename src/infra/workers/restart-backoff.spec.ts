import { describe, expect, it } from '@jest/globals';
import { RestartBackoff } from './restart-backoff.js';

describe('RestartBackoff', () => {
  it('replaces a worker that had served at once', () => {
    expect(new RestartBackoff().delayAfter(10_000)).toBe(0);
  });

  it('waits ever longer, up to 10 s, while workers end early', () => {
    const backoff = new RestartBackoff();
    const delays = Array.from({ length: 9 }, () => backoff.delayAfter(0));
    expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000]);
  });

  it('is hopeless after five early ends in a row, and no longer after a worker that served', () => {
    const backoff = new RestartBackoff();
    for (let end = 0; end < 4; end += 1) backoff.delayAfter(9_999);
    expect(backoff.isHopeless).toBe(false);
    backoff.delayAfter(0);
    expect(backoff.isHopeless).toBe(true);
    backoff.delayAfter(10_000);
    expect(backoff.isHopeless).toBe(false);
    expect(backoff.delayAfter(0)).toBe(100);
  });
});
