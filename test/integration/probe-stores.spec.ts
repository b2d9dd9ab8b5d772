import { expect, it } from '@jest/globals';
import { createClient, type RedisClientType } from 'redis';
import type { ProbeStore } from '../../src/modules/ai-providers/health/probe-store.interface.js';
import { MemoryProbeStore } from '../../src/modules/ai-providers/health/probe.memory.store.js';
import { RedisProbeStore } from '../../src/modules/ai-providers/health/probe.redis.store.js';
import { FakeClock } from '../fakes/fake-clock.js';
import { hasServices } from '../services/with-services.js';
import { describeOnStores, ownPrefix, REDIS_URL } from './support/real-redis.js';

const PROVIDER = { id: 'a', revision: 1n };
const RESULT = { healthy: true, latency: 7, checkedAt: 1_000, last: { successAt: 1_000, failure: null } };

let client: RedisClientType | undefined;

beforeAll(async () => {
  if (hasServices('Redis')) client = (await createClient({ url: REDIS_URL }).connect()) as RedisClientType;
});
afterAll(async () => {
  if (client) await client.disconnect();
});

const link = {
  run: <T>(command: (redis: RedisClientType) => Promise<T>) => command(client as RedisClientType),
};
const STORES = {
  memory: (): ProbeStore => new MemoryProbeStore(new FakeClock()),
  redis: (): ProbeStore => new RedisProbeStore(link, ownPrefix()),
};

describeOnStores('what probes have found,', STORES, (make) => {
  /** Insists on leave to probe. */
  const leave = async (store: ProbeStore, wish: 'poll' | 'refresh' = 'poll'): Promise<string> => {
    const turn = await store.take(PROVIDER, wish);
    if (turn?.kind !== 'leave') throw new Error(`no leave: ${turn?.kind}`);
    return turn.claim;
  };

  it('gives one leave to probe, then all its result, for no longer than 15 s', async () => {
    const store = make();
    expect(await store.take(PROVIDER, 'look')).toEqual({ kind: 'none' });
    const claim = await leave(store);
    expect(await store.take(PROVIDER, 'poll')).toEqual({ kind: 'none' });
    await store.keep(PROVIDER, claim, RESULT);
    const turn = await store.take(PROVIDER, 'poll');
    if (turn?.kind !== 'known') throw new Error('nothing known');
    expect(turn.result).toEqual(RESULT);
    expect(turn.freshMs).toBeGreaterThan(14_000);
    expect(turn.freshMs).toBeLessThanOrEqual(15_000);
  });

  it('forgets what it knows when a probe is forced, and knows nothing of another configuration', async () => {
    const store = make();
    await store.keep(PROVIDER, await leave(store), RESULT);
    await leave(store, 'refresh');
    expect(await store.take(PROVIDER, 'look')).toEqual({ kind: 'none' });
    expect(await store.take({ ...PROVIDER, revision: 2n }, 'poll')).toMatchObject({ kind: 'leave' });
  });

  it('takes leave back without a result, and keeps nothing of one who has no leave', async () => {
    const store = make();
    await store.keep(PROVIDER, 'not mine', RESULT);
    await store.keep(PROVIDER, await leave(store), null);
    await leave(store);
  });
});
