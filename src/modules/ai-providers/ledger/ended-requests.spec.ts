import { AsyncLocalStorage } from 'node:async_hooks';
import { jest } from '@jest/globals';
import { FakeClock } from '../../../../test/fakes/fake-clock.js';
import { requestEvent } from '../../../../test/integration/support/request-event.fixture.js';
import { EndedRequests } from './ended-requests.js';

describe('EndedRequests', () => {
  let clock: FakeClock;
  let ended: EndedRequests;
  let heard: string[];

  beforeEach(() => {
    clock = new FakeClock();
    ended = new EndedRequests(clock);
    heard = [];
    ended.addListener({ requestEnded: ({ requestId }) => heard.push(requestId) });
  });

  const answered = (requestId: string): void => ended.add(requestEvent({ requestId }));

  it('tells of answered requests together, each once and in their order, a little later', async () => {
    answered('a');
    answered('b');
    expect(heard).toEqual([]);
    await clock.advance(5);
    expect(heard).toEqual(['a', 'b']);
    answered('c');
    await clock.advance(5);
    expect(heard).toEqual(['a', 'b', 'c']);
  });

  it('tells of many without waiting', () => {
    const ids = Array.from({ length: 33 }, (_, number) => `${number}`);
    ids.forEach(answered);
    expect(heard).toEqual(ids.slice(0, 32));
  });

  it('tells of one that failed at once, behind those before it', () => {
    answered('a');
    ended.add(requestEvent({ requestId: 'b', code: 'RATE_LIMITED' }));
    expect(heard).toEqual(['a', 'b']);
  });

  it('tells the others where one throws, and the process of that', () => {
    const broken = new EndedRequests(clock);
    broken.addListener({
      requestEnded: () => {
        throw new Error('no room on the disk');
      },
    });
    broken.addListener({ requestEnded: ({ requestId }) => heard.push(requestId) });
    const warn = jest.spyOn(process, 'emitWarning').mockReturnValue(undefined);
    for (const requestId of ['a', 'b']) broken.add(requestEvent({ requestId }));
    expect(() => broken.flush()).not.toThrow();
    expect(heard).toEqual(['a', 'b']);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('no room on the disk'));
    warn.mockRestore();
  });

  it('tells of each in the async context of its request', async () => {
    const caller = new AsyncLocalStorage<string>();
    const within: (string | undefined)[] = [];
    ended.addListener({ requestEnded: () => within.push(caller.getStore()) });
    for (const name of ['a', 'b']) caller.run(name, () => answered(name));
    await clock.advance(5);
    caller.run('c', () => answered('c'));
    caller.run('somebody else', () => ended.flush());
    expect(within).toEqual(['a', 'b', 'c']);
  });

  it('tells of all when it is asked to, and then of none again', async () => {
    answered('a');
    ended.flush();
    ended.flush();
    await clock.advance(5);
    expect(heard).toEqual(['a']);
  });
});
