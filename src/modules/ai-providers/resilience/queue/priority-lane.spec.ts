import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { RequestPriority } from '../../interfaces/completion.interface.js';
import { PriorityLane } from './priority-lane.js';

const priority = fc.constantFrom<RequestPriority>('high', 'normal', 'low');

/** Serves the next and gives its value. */
function serve<T>(lane: PriorityLane<T>): T | undefined {
  const entry = lane.peek();
  if (entry) lane.served(entry);
  return entry?.value;
}

function serveAll<T>(lane: PriorityLane<T>): T[] {
  const order: T[] = [];
  for (let value = serve(lane); value !== undefined; value = serve(lane)) order.push(value);
  return order;
}

describe('PriorityLane', () => {
  it('serves high before normal before low', () => {
    const lane = new PriorityLane<string>();
    for (const each of ['low', 'normal', 'high'] as const) lane.push(each, each);
    expect(serveAll(lane)).toEqual(['high', 'normal', 'low']);
  });

  it('lets a normal one go after 4 from above and a low one after 8', () => {
    const lane = new PriorityLane<string>();
    lane.push('low', 'low');
    lane.push('normal', 'normal');
    for (let n = 0; n < 12; n += 1) lane.push('high', 'high');
    const order = serveAll(lane);
    expect(order.indexOf('normal')).toBe(4);
    expect(order.indexOf('low')).toBe(8);
  });

  it('gives who comes back the place between those who came before and after it', () => {
    const came = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 30 });
    fc.assert(
      fc.property(came, (times) => {
        const lane = new PriorityLane<number>();
        for (const since of times) lane.push(since, 'normal', since);
        expect(serveAll(lane)).toEqual([...times].sort((a, b) => a - b));
      }),
    );
  });

  it('passes over nobody who has left', () => {
    const lane = new PriorityLane<string>();
    const leaver = lane.push('leaver', 'high');
    const [first, middle, last] = ['a', 'b', 'c'].map((name) => lane.push(name, 'normal'));
    lane.remove(leaver);
    if (middle) lane.remove(middle);
    expect(lane.peek()).toBe(first);
    expect(serveAll(lane)).toEqual(['a', 'c']);
    expect(last?.previous).toBe(null);
    expect(lane.peek()).toBe(null);
  });

  it('serves first come first served within a priority, whoever leaves in between', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(priority, fc.boolean()), { maxLength: 60 }), (arrivals) => {
        const lane = new PriorityLane<number>();
        const entries = arrivals.map(([rank], index) => lane.push(index, rank));
        entries.forEach((entry, index) => {
          if (arrivals[index]?.[1]) lane.remove(entry);
        });
        const order = serveAll(lane);
        expect([...order].sort((a, b) => a - b)).toEqual(
          arrivals.flatMap(([, leaves], index) => (leaves ? [] : [index])),
        );
        for (const rank of ['high', 'normal', 'low']) {
          const ofRank = order.filter((index) => arrivals[index]?.[0] === rank);
          expect(ofRank).toEqual([...ofRank].sort((a, b) => a - b));
        }
      }),
    );
  });

  it('starves nobody: the k-th low waiter is served within 9k servings, the k-th normal one within 6k', () => {
    const step = fc.oneof(
      { weight: 2, arbitrary: priority },
      { weight: 1, arbitrary: fc.constant('serve' as const) },
    );
    const steps = fc.array(step, { minLength: 20, maxLength: 200, size: 'max' });
    fc.assert(
      fc.property(steps, (history) => {
        const lane = new PriorityLane<{ rank: RequestPriority; latest: number }>();
        const ahead = { high: 0, normal: 0, low: 0 };
        const bound = { high: Infinity, normal: 6, low: 9 };
        let servings = 0;
        const serveAndCheck = (): boolean => {
          const served = serve(lane);
          if (!served) return false;
          servings += 1;
          ahead[served.rank] -= 1;
          expect(servings).toBeLessThanOrEqual(served.latest);
          return true;
        };
        for (const event of history) {
          if (event === 'serve') serveAndCheck();
          else {
            ahead[event] += 1;
            lane.push({ rank: event, latest: servings + ahead[event] * bound[event] }, event);
          }
        }
        for (let flood = 0; flood < 2_000 && ahead.normal + ahead.low > 0; flood += 1) {
          ahead.high += 1;
          lane.push({ rank: 'high', latest: Infinity }, 'high');
          serveAndCheck();
        }
        expect(ahead.normal + ahead.low).toBe(0);
      }),
    );
  });
});
