import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { REDIS } from '../../../../infra/redis/redis.token.js';
import { RedisScript } from '../../../../infra/redis/redis-script.js';
import type { RedisLink } from '../../../../infra/redis/redis-link.js';

/** How long a claim holds of a replica that has died; one that lives renews it. */
const LEASE_MS = 3_000;
const RENEW_EVERY_MS = 1_000;
const PREFIX = 'ai-providers:asking:';

/** Only the owner's: a lease that ran out may be another's by now. */
const ifMine = (command: string): RedisScript =>
  new RedisScript(`if redis.call('get', KEYS[1]) == ARGV[1] then return ${command} end return 0`);
const RELEASE = ifMine(`redis.call('del', KEYS[1])`);
const RENEW = ifMine(`redis.call('pexpire', KEYS[1], ${LEASE_MS})`);

/** Says among replicas who asks for an answer; the others wait until it is kept. Without Redis each asks for itself. */
@Injectable()
export class AnswerClaims {
  constructor(@Inject(REDIS) private readonly redis: RedisLink | null) {}

  /** Whether there are others to say it to. */
  get isShared(): boolean {
    return this.redis?.isAvailable === true;
  }

  /**
   * What takes the claim back, or null while another replica has it. Never rejects.
   * @param isStalled asked now and then: one that does not get on shall not keep the others waiting
   */
  async claim(key: string, isStalled: () => boolean): Promise<(() => void) | null> {
    const { redis } = this;
    if (redis === null) return () => undefined;
    const owner = randomUUID();
    const name = PREFIX + key;
    const reply = await redis.run((client) => client.set(name, owner, { NX: true, PX: LEASE_MS }));
    if (reply === null) return null;
    const run = (script: RedisScript): void =>
      void redis.run((client) => script.run(client, [name], [owner]));
    const release = (): void => {
      clearInterval(renewal);
      run(RELEASE);
    };
    const renewal = setInterval(() => (isStalled() ? release() : run(RENEW)), RENEW_EVERY_MS).unref();
    return release;
  }
}
