import { randomUUID } from 'node:crypto';
import type { RedisLink } from '../../../infra/redis/redis-link.js';
import { RedisScript } from '../../../infra/redis/redis-script.js';
import type { ProbeResult } from '../interfaces/monitoring/provider-probe.interface.js';
import {
  PROBE_LEASE_MS,
  PROBE_RESULT_MS,
  type ProbedProvider,
  type ProbeStore,
  type ProbeTurn,
  type ProbeWish,
} from './probe-store.interface.js';

const TAKE = new RedisScript(`
local known = redis.call('get', KEYS[1])
if known and ARGV[1] ~= 'refresh' then return { 'known', known, redis.call('pttl', KEYS[1]) } end
if ARGV[1] == 'look' then return { 'none' } end
if not redis.call('set', KEYS[2], ARGV[2], 'NX', 'PX', ${PROBE_LEASE_MS}) then return { 'none' } end
redis.call('del', KEYS[1])
return { 'leave' }`);

/** Only who has leave yet: another may have found something newer. */
const KEEP = new RedisScript(`
if redis.call('get', KEYS[2]) ~= ARGV[1] then return end
redis.call('del', KEYS[2])
if ARGV[2] ~= '' then redis.call('set', KEYS[1], ARGV[2], 'PX', ${PROBE_RESULT_MS}) end`);

type TakeReply = ['known', json: string, freshMs: number] | ['leave'] | ['none'];

/** What the probes of all replicas have found, in Redis. */
export class RedisProbeStore implements ProbeStore {
  constructor(
    private readonly link: Pick<RedisLink, 'run'>,
    private readonly prefix = 'ai-providers:probe:',
  ) {}

  async take(provider: ProbedProvider, wish: ProbeWish): Promise<ProbeTurn | undefined> {
    const claim = randomUUID();
    const reply = await this.run<TakeReply>(TAKE, provider, [wish, claim]);
    switch (reply?.[0]) {
      case undefined:
        return undefined;
      case 'known':
        return { kind: 'known', result: JSON.parse(reply[1]) as ProbeResult, freshMs: reply[2] };
      case 'leave':
        return { kind: 'leave', claim };
      case 'none':
        return { kind: 'none' };
    }
  }

  async keep(provider: ProbedProvider, claim: string, result: ProbeResult | null): Promise<void> {
    await this.run(KEEP, provider, [claim, result ? JSON.stringify(result) : '']);
  }

  private run<Reply>(
    script: RedisScript,
    { id, revision }: ProbedProvider,
    args: string[],
  ): Promise<Reply | undefined> {
    const key = `${this.prefix}{${id}}:${revision}`;
    return this.link.run((client) => script.run(client, [key, `${key}:claim`], args)) as Promise<
      Reply | undefined
    >;
  }
}
