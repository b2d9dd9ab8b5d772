import { getEventListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Clock } from '../../interfaces/clock.interface.js';
import type { RequestPriority } from '../../interfaces/completion.interface.js';
import { PriorityWaitQueue } from './priority-wait-queue.js';
import { QueueRefusedError } from './queue-refused.error.js';
import type { TakeResult, WaitRequest } from './wait-queue.interface.js';

/** Time that passes when the test says so, timers firing in their order on the way. */
class ManualClock implements Clock {
  private time = 1_000_000;
  readonly timers = new Set<{ at: number; callback: () => void }>();

  monotonic(): number {
    return this.time;
  }

  wallTime(): number {
    throw new Error('Waiting does not go by the time of day');
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.time + delayMs, callback };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  pass(ms: number): void {
    const end = this.time + ms;
    let fired = 0;
    for (let next = this.nextBefore(end); next; next = this.nextBefore(end)) {
      this.timers.delete(next);
      this.time = Math.max(this.time, next.at);
      next.callback();
      if ((fired += 1) > 1_000) throw new Error('timers fire without end');
    }
    this.time = end;
  }

  private nextBefore(end: number): { at: number; callback: () => void } | undefined {
    return [...this.timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
  }
}

interface Need {
  name: string;
  units: number;
}

/** A resource of which each grant takes units, and a queue before it that keeps a list of whom it served. */
class Room {
  readonly clock = new ManualClock();
  readonly served: string[] = [];
  readonly refused: string[] = [];
  asked = 0;
  /** What `tryTake` says besides where there are too few units. */
  hint: { waitMs: number; certain: boolean } = { waitMs: Infinity, certain: false };
  readonly queue: PriorityWaitQueue<Need, string>;

  constructor(
    public units: number,
    capacity = 100,
    capacityPerCaller?: number,
  ) {
    this.queue = new PriorityWaitQueue<Need, string>({
      clock: this.clock,
      capacity,
      capacityPerCaller,
      tryTake: (request) => this.tryTake(request),
    });
  }

  /** Waits and notes the outcome under the name; the signal's controller is returned. */
  enter(
    name: string,
    more: Partial<WaitRequest<Need>> & { units?: number; within?: number } = {},
  ): AbortController {
    const controller = new AbortController();
    const { units = 1, within = 10_000, ...rest } = more;
    const deadlineAt = this.clock.monotonic() + within;
    const base = { priority: 'normal' as const, lane: 'all', deadlineAt, signal: controller.signal };
    this.queue.wait({ ...base, ...rest, need: { name, units } }).then(
      (grant) => this.served.push(grant),
      (error: unknown) =>
        this.refused.push(`${name}: ${error instanceof QueueRefusedError ? error.refusal : String(error)}`),
    );
    return controller;
  }

  /** Gives units back and lets the promises that this settles report. */
  async free(units = 1): Promise<void> {
    this.units += units;
    this.queue.notify();
    await settled();
  }

  private tryTake({ need, signal }: WaitRequest<Need>): TakeResult<string> {
    this.asked += 1;
    if (signal.aborted) throw new Error('asked for one who has gone');
    if (need.units > this.units) return { granted: false, ...this.hint };
    this.units -= need.units;
    return { granted: true, grant: need.name };
  }
}

/** Lets every promise that is settled by now call its handlers. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

describe('serving', () => {
  it('serves at once where there is room, and keeps no timer', async () => {
    const room = new Room(1);
    room.enter('a');
    await settled();
    expect(room.served).toEqual(['a']);
    expect(room.clock.timers.size).toBe(0);
  });

  it('serves high before normal before low, first come first served within each', async () => {
    const room = new Room(0);
    const arrivals: [string, RequestPriority][] = [
      ['l1', 'low'],
      ['n1', 'normal'],
      ['h1', 'high'],
      ['l2', 'low'],
      ['h2', 'high'],
      ['n2', 'normal'],
    ];
    for (const [name, priority] of arrivals) room.enter(name, { priority });
    for (let freed = 0; freed < 6; freed += 1) await room.free();
    expect(room.served).toEqual(['h1', 'h2', 'n1', 'n2', 'l1', 'l2']);
  });

  it('serves nobody who comes later before one of its priority who waits, even if it needs less', async () => {
    const room = new Room(1);
    room.enter('large', { units: 2 });
    room.enter('small', { units: 1 });
    await settled();
    expect(room.served).toEqual([]);
    await room.free(2);
    expect(room.served).toEqual(['large', 'small']);
  });

  it('serves as many as there is room for at one notification', async () => {
    const room = new Room(0);
    for (const name of ['a', 'b', 'c']) room.enter(name);
    await room.free(2);
    expect(room.served).toEqual(['a', 'b']);
    expect(room.queue.size).toBe(1);
  });

  it('asks again by itself at the time that was named', async () => {
    const room = new Room(0);
    room.hint = { waitMs: 400, certain: true };
    room.enter('a');
    room.units = 1;
    room.clock.pass(399);
    await settled();
    expect(room.served).toEqual([]);
    room.clock.pass(1);
    await settled();
    expect(room.served).toEqual(['a']);
    expect(room.clock.timers.size).toBe(0);
  });

  it('does not ask again for one who was refused before the time named or a notification', () => {
    const room = new Room(0);
    room.hint = { waitMs: 400, certain: false };
    for (const name of ['a', 'b', 'c', 'd']) room.enter(name);
    expect(room.asked).toBe(1);
  });

  it('does not let a waiter of one lane hold up another lane, and lanes take turns', async () => {
    const room = new Room(1);
    room.enter('stuck', { lane: 'x', units: 50 });
    room.enter('free', { lane: 'y' });
    await settled();
    expect(room.served).toEqual(['free']);
    for (const name of ['y1', 'y2']) room.enter(name, { lane: 'y' });
    for (const name of ['z1', 'z2']) room.enter(name, { lane: 'z' });
    await settled();
    await room.free(4);
    expect(room.served).toEqual(['free', 'y1', 'z1', 'y2', 'z2']);
  });

  it('rejects only the waiter for whom asking fails', async () => {
    const clock = new ManualClock();
    const queue = new PriorityWaitQueue<string, string>({
      clock,
      capacity: 5,
      tryTake: ({ need }) => {
        if (need === 'bad') throw new Error('broken');
        return { granted: true, grant: need };
      },
    });
    const base = {
      priority: 'normal' as const,
      lane: 'all',
      deadlineAt: Infinity,
      signal: new AbortController().signal,
    };
    await expect(queue.wait({ ...base, need: 'bad' })).rejects.toThrow('broken');
    await expect(queue.wait({ ...base, need: 'good' })).resolves.toBe('good');
    expect(queue.size).toBe(0);
  });

  it('is not woken by what asking itself takes and gives back, in no lane', () => {
    let asked = 0;
    const clock = new ManualClock();
    const queue: PriorityWaitQueue<null, null> = new PriorityWaitQueue<null, null>({
      clock,
      capacity: 5,
      tryTake: () => {
        asked += 1;
        queue.notify();
        return { granted: false, waitMs: Infinity, certain: false };
      },
    });
    const { signal } = new AbortController();
    const base = { priority: 'low' as const, deadlineAt: clock.monotonic() + 1_000, signal, need: null };
    const waits = ['x', 'y'].map((lane) => queue.wait({ ...base, lane }));
    clock.pass(999);
    expect(asked).toBe(2);
    queue.rejectAll(new Error('over'));
    return expect(Promise.allSettled(waits)).resolves.toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ]);
  });
});

describe('leaving', () => {
  it('lets one who aborts go at once, with the reason, and never serves it', async () => {
    const room = new Room(0);
    const gone = room.enter('gone');
    room.enter('next');
    gone.abort('hung up');
    await settled();
    expect(room.refused).toEqual(['gone: hung up']);
    expect(getEventListeners(gone.signal, 'abort')).toEqual([]);
    await room.free();
    expect(room.served).toEqual(['next']);
  });

  it('does not take in one who has aborted before', async () => {
    const room = new Room(1);
    room.enter('gone', { signal: AbortSignal.abort('hung up') });
    await settled();
    expect(room.refused).toEqual(['gone: hung up']);
    expect(room.asked).toBe(0);
  });

  it('serves the next one at once when the one holding it up leaves', async () => {
    const room = new Room(1);
    const large = room.enter('large', { units: 2 });
    room.enter('small');
    large.abort('hung up');
    await settled();
    expect(room.served).toEqual(['small']);
  });

  it('refuses one whose deadline comes, at that time', async () => {
    const room = new Room(0);
    room.enter('a', { within: 500 });
    room.clock.pass(499);
    await settled();
    expect(room.refused).toEqual([]);
    room.clock.pass(1);
    await settled();
    expect(room.refused).toEqual(['a: expired']);
    expect(room.queue.size).toBe(0);
  });

  it('refuses one more than its capacity and keeps those it has, but serves one for whom there is room', async () => {
    const room = new Room(1, 2);
    for (const name of ['a', 'b', 'c']) room.enter(name, { units: 2 });
    room.enter('d', { lane: 'other', units: 1 });
    await settled();
    expect(room.refused).toEqual(['c: full']);
    expect(room.served).toEqual(['d']);
    expect(room.queue.size).toBe(2);
  });

  it('refuses at once where the wait is known to be longer than the time left, behind others too', async () => {
    const room = new Room(0);
    room.hint = { waitMs: 5_000, certain: true };
    room.enter('short', { within: 4_999 });
    room.enter('long', { within: 5_000 });
    room.enter('behind', { within: 4_999 });
    await settled();
    expect(room.refused).toEqual(['short: too_long', 'behind: too_long']);
    expect(room.queue.size).toBe(1);
  });

  it('refuses nobody early for a wait that is only a guess', async () => {
    const room = new Room(0);
    room.hint = { waitMs: 5_000, certain: false };
    room.enter('short', { within: 100 });
    await settled();
    expect(room.refused).toEqual([]);
  });

  it('rejects everybody at a shutdown', async () => {
    const room = new Room(0);
    room.enter('a');
    room.enter('b', { lane: 'other', priority: 'low' });
    room.queue.rejectAll(new Error('shutting down'));
    await settled();
    expect(room.refused).toEqual(['a: Error: shutting down', 'b: Error: shutting down']);
    expect([room.queue.size, room.clock.timers.size]).toEqual([0, 0]);
  });
});

describe('any history of arrivals, aborts, releases and pauses', () => {
  const step = fc.record({
    kind: fc.constantFrom('enter', 'enter', 'enter', 'abort', 'free', 'pass'),
    priority: fc.constantFrom<RequestPriority>('high', 'normal', 'low'),
    lane: fc.constantFrom('x', 'y'),
    number: fc.nat(9),
    certain: fc.boolean(),
  });

  it('settles everybody exactly once, never grants more than there is, and ends at zero', async () => {
    const steps = fc.array(step, { maxLength: 60, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, async (history) => {
        const room = new Room(1, 6);
        const controllers: AbortController[] = [];
        let given = 1;
        for (const { kind, priority, lane, number, certain } of history) {
          room.hint = { waitMs: certain ? number * 100 : Infinity, certain };
          if (kind === 'enter') {
            const units = 1 + (number % 3);
            controllers.push(
              room.enter(String(controllers.length), { priority, lane, units, within: number * 100 }),
            );
          } else if (kind === 'abort') controllers[number]?.abort('gone');
          else if (kind === 'free') {
            given += 1;
            await room.free();
          } else room.clock.pass(number * 50);
          expect(room.units).toBeGreaterThanOrEqual(0);
          expect(room.queue.size).toBeLessThanOrEqual(6);
        }
        room.hint = { waitMs: Infinity, certain: false };
        room.clock.pass(10_000);
        await settled();
        const outcomes = [...room.served, ...room.refused.map((line) => line.split(':')[0])];
        expect(outcomes.map(Number).sort((a, b) => a - b)).toEqual(controllers.map((_, index) => index));
        const taken = room.served.length;
        expect(given - room.units).toBeGreaterThanOrEqual(taken);
        expect([room.queue.size, room.clock.timers.size]).toEqual([0, 0]);
        for (const { signal } of controllers) expect(getEventListeners(signal, 'abort')).toEqual([]);
      }),
    );
  });

  describe('of several callers', () => {
    it('serves equals in turns, whoever came with many first', async () => {
      const room = new Room(0);
      for (const name of ['a1', 'a2', 'a3']) room.enter(name, { caller: 'a' });
      for (const name of ['b1', 'b2']) room.enter(name, { caller: 'b' });
      room.enter('c1', { caller: 'c' });
      await settled();
      await room.free(6);
      expect(room.served).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
    });

    it('refuses one who has his share, and nobody else', async () => {
      const room = new Room(0, 100, 2);
      for (const name of ['a1', 'a2', 'a3']) room.enter(name, { caller: 'a' });
      room.enter('b1', { caller: 'b' });
      await settled();
      expect([room.refused, room.queue.size]).toEqual([['a3: full'], 3]);
    });
  });
});
