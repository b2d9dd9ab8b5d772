import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { TurnEnds } from './end-of-turn.js';

/** More turns than it takes to be taken for alone. */
const LONG = 40;

async function isAtOnce(ends: TurnEnds): Promise<boolean> {
  const seen: string[] = [];
  const next = new Promise<void>((done) => {
    setImmediate(() => {
      seen.push('next turn');
      done();
    });
  });
  await Promise.all([next, ends.next().then(() => seen.push('ended'))]);
  return seen[0] === 'ended';
}

async function waitAlone(ends: TurnEnds): Promise<boolean[]> {
  const atOnce: boolean[] = [];
  while (atOnce.length < LONG) atOnce.push(await isAtOnce(ends));
  return atOnce;
}

describe('the end of a turn', () => {
  let ends: TurnEnds;
  beforeEach(() => {
    ends = new TurnEnds();
  });
  it('carries those who wait for it side by side, stage by stage', async () => {
    const seen: string[] = [];
    const work = async (name: string): Promise<void> => {
      await ends.next();
      for (const stage of [1, 2]) {
        seen.push(`${name}${stage}`);
        await Promise.resolve();
      }
    };
    await Promise.all(['a', 'b', 'c'].map(work));
    expect(seen).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2']);
  });

  it('comes after what was ready in this turn, and waits for nothing else', async () => {
    const seen: string[] = [];
    const ended = ends.next().then(() => seen.push('ended'));
    void Promise.resolve()
      .then(() => undefined)
      .then(() => seen.push('promise'));
    const next = new Promise<void>((done) => {
      setImmediate(() => {
        seen.push('next');
        done();
      });
    });
    await Promise.all([ended, next]);
    expect(seen).toEqual(['promise', 'ended', 'next']);
  });

  it('ends each turn anew', async () => {
    const first = ends.next();
    expect(ends.next()).toBe(first);
    await first;
    expect(ends.next()).not.toBe(first);
  });

  it('lets everyone go on in his own async context', async () => {
    const store = new AsyncLocalStorage<string>();
    const work = async (): Promise<string | undefined> => {
      await ends.next();
      return store.getStore();
    };
    const names = ['a', 'b', 'c'];
    expect(await Promise.all(names.map((name) => store.run(name, work)))).toEqual(names);
  });

  it('is not waited for by one who has been alone for long, but in one call of a few', async () => {
    const atOnce = await waitAlone(ends);
    expect(atOnce.indexOf(true)).toBeGreaterThan(1);
    const since = atOnce.slice(atOnce.indexOf(true));
    expect(since.filter(Boolean).length).toBeGreaterThan(since.length / 2);
    expect(since).toContain(false);
  });

  it('is waited for again as soon as two are seen in one turn', async () => {
    await waitAlone(ends);
    await Promise.all(Array.from({ length: LONG }, () => ends.next()));
    expect(await isAtOnce(ends)).toBe(false);
  });
});
