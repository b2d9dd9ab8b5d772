import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, it } from '@jest/globals';
import { endOfTurn } from './end-of-turn.js';

describe('the end of a turn', () => {
  it('carries those who wait for it side by side, stage by stage', async () => {
    const seen: string[] = [];
    const work = async (name: string): Promise<void> => {
      await endOfTurn();
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
    const ended = endOfTurn().then(() => seen.push('ended'));
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
    const first = endOfTurn();
    expect(endOfTurn()).toBe(first);
    await first;
    expect(endOfTurn()).not.toBe(first);
  });

  it('lets everyone go on in his own async context', async () => {
    const store = new AsyncLocalStorage<string>();
    const work = async (): Promise<string | undefined> => {
      await endOfTurn();
      return store.getStore();
    };
    const names = ['a', 'b', 'c'];
    expect(await Promise.all(names.map((name) => store.run(name, work)))).toEqual(names);
  });
});
