import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '../../../../test/fakes/fake-clock.js';
import { AIError } from '../errors/ai.error.js';
import { RequestDeadline } from './request-deadline.js';

describe('RequestDeadline', () => {
  it('ends the request when its own timeout runs out', async () => {
    const clock = new FakeClock(1_000);
    const deadline = new RequestDeadline(clock, 250, undefined);
    expect(deadline.endsAt).toBe(clock.monotonic() + 250);
    await clock.advance(249);
    expect(deadline.reason).toBeNull();
    await clock.advance(1);
    expect(deadline.reason).toMatchObject({ code: 'DEADLINE_EXCEEDED', statusCode: 504 });
    expect(() => deadline.throwIfAborted()).toThrow('250 ms');
  });

  it('has no end where the request names none', () => {
    const clock = new FakeClock();
    expect(new RequestDeadline(clock, undefined, undefined).endsAt).toBe(Infinity);
    expect(clock.pending).toBe(0);
  });

  it('ends when the caller hangs up, before or after it began', () => {
    const caller = new AbortController();
    const deadline = new RequestDeadline(new FakeClock(), undefined, caller.signal);
    caller.abort(new Error('socket closed'));
    const late = new RequestDeadline(new FakeClock(), undefined, caller.signal);
    for (const { reason } of [deadline, late])
      expect(reason).toMatchObject({ code: 'CLIENT_CLOSED_REQUEST' });
  });

  it('keeps the reason of whoever aborts with one of ours, and the first of several', async () => {
    const clock = new FakeClock();
    const caller = new AbortController();
    const deadline = new RequestDeadline(clock, 10, caller.signal);
    caller.abort(new AIError('SHUTTING_DOWN', 'stopping'));
    await clock.advance(20);
    deadline.abort(new AIError('INTERNAL', 'later'));
    expect(deadline.reason).toMatchObject({ code: 'SHUTTING_DOWN' });
  });

  it('leaves neither timer nor listener behind once released', async () => {
    const clock = new FakeClock();
    const caller = new AbortController();
    const deadline = new RequestDeadline(clock, 10, caller.signal);
    deadline.release();
    expect(clock.pending).toBe(0);
    caller.abort();
    await clock.advance(20);
    expect(deadline.reason).toBeNull();
  });

  it('tells each listener once, a late one at once, and none that took itself back', () => {
    const deadline = new RequestDeadline(new FakeClock(), undefined, undefined);
    const heard: string[] = [];
    deadline.onAbort(() => heard.push('early'));
    const forget = deadline.onAbort(() => heard.push('gone'));
    forget();
    deadline.abort(new AIError('SHUTTING_DOWN', 'stopping'));
    deadline.abort(new AIError('INTERNAL', 'later'));
    deadline.onAbort(() => heard.push('late'));
    expect(heard).toEqual(['early', 'late']);
  });

  it('aborts its signal with the error, whether it was asked for before or after', () => {
    const deadline = new RequestDeadline(new FakeClock(), undefined, undefined);
    const late = new RequestDeadline(new FakeClock(), undefined, undefined);
    const { signal } = deadline;
    expect(signal.aborted).toBe(false);
    for (const each of [deadline, late]) each.abort(new AIError('SHUTTING_DOWN', 'stopping'));
    for (const { reason } of [signal, late.signal]) expect(reason).toMatchObject({ code: 'SHUTTING_DOWN' });
  });
});
