import { setImmediate as nextTurn } from 'node:timers/promises';
import { TurnShare } from './turn-share.js';

describe('TurnShare', () => {
  it('lets so much be done in a turn, the last piece whole, and the rest in the next', async () => {
    const share = new TurnShare(10);
    expect([share.take(6), share.take(6)]).toEqual([undefined, undefined]);
    const later = share.take(1);
    expect(later).toBeInstanceOf(Promise);
    await later;
    expect(share.take(1)).toBeUndefined();
  });

  it('serves those who wait in turn, so that all get on', async () => {
    const share = new TurnShare(1);
    const done: string[] = [];
    const work = async (name: string): Promise<void> => {
      for (let piece = 0; piece < 3; piece++) {
        for (let wait = share.take(1); wait; wait = share.take(1)) await wait;
        done.push(name);
        await Promise.resolve();
      }
    };
    await Promise.all([work('a'), work('b'), work('c')]);
    for (const name of ['a', 'b', 'c'])
      expect(done.slice(0, 6).filter((one) => one === name)).toHaveLength(2);
  });

  it('has its whole share again after a turn in which nobody waited', async () => {
    const share = new TurnShare(1);
    expect(share.take(5)).toBeUndefined();
    await nextTurn();
    await nextTurn();
    expect(share.take(1)).toBeUndefined();
  });
});
