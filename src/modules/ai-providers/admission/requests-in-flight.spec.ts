import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../../test/fakes/fake-clock.js';
import { AIError } from '../errors/ai.error.js';
import { RequestsInFlight } from './requests-in-flight.js';

const STOPPING = new AIError('SHUTTING_DOWN', 'stopping');

describe('RequestsInFlight', () => {
  it('counts who has entered and not left, once each', () => {
    const requests = new RequestsInFlight(new FakeClock());
    const [first, second] = [requests.enter(undefined), requests.enter(undefined)];
    expect(requests.size).toBe(2);
    first.leave();
    first.leave();
    expect(requests.size).toBe(1);
    second.leave();
    expect(requests.size).toBe(0);
  });

  it('passes the caller’s abort on with its reason, until it has left', () => {
    const requests = new RequestsInFlight(new FakeClock());
    const caller = new AbortController();
    const [staying, leaving] = [requests.enter(caller.signal), requests.enter(caller.signal)];
    leaving.leave();
    caller.abort('gone');
    expect(staying.signal.reason).toBe('gone');
    expect(leaving.signal.aborted).toBe(false);
    expect(requests.enter(caller.signal).signal.reason).toBe('gone');
  });

  it('drains at once where nobody is there, and takes nobody any more', async () => {
    const requests = new RequestsInFlight(new FakeClock());
    await expect(requests.drain(1_000, STOPPING)).resolves.toBe(0);
    expect(requests.isDraining).toBe(true);
    expect(() => requests.enter(undefined)).toThrow(expect.objectContaining({ code: 'SHUTTING_DOWN' }));
  });

  it('drains as soon as the last one leaves, ending nobody and leaving no timer', async () => {
    const clock = new FakeClock();
    const requests = new RequestsInFlight(clock);
    const entries = [requests.enter(undefined), requests.enter(undefined)];
    const drained = requests.drain(1_000, STOPPING);
    await clock.advance(500);
    for (const entry of entries) entry.leave();
    await expect(drained).resolves.toBe(0);
    expect(entries.some(({ signal }) => signal.aborted)).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it('ends who outlasts the time, says how many, and waits until they are out', async () => {
    const clock = new FakeClock();
    const requests = new RequestsInFlight(clock);
    const [quick, slow, slower] = [1, 2, 3].map(() => requests.enter(undefined));
    let aborted: number | undefined;
    const drained = requests.drain(1_000, STOPPING).then((count) => (aborted = count));
    quick?.leave();
    await clock.advance(1_000);
    expect(slow?.signal.reason).toBe(STOPPING);
    expect(slower?.signal.reason).toBe(STOPPING);
    expect(aborted).toBeUndefined();
    slow?.leave();
    slower?.leave();
    await drained;
    expect(aborted).toBe(2);
  });
});
