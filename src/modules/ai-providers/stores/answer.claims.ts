import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { REDIS } from '../../../infra/foundation.module.js';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import type { RedisLink } from '../../../infra/redis/redis-link.js';

/** How long a claim holds of a replica that has died; one that lives renews it. */
const LEASE_MS = 3_000;
const RENEW_EVERY_MS = 1_000;
const PREFIX = 'ai-providers:asking:';

/** Only the owner's: a lease that ran out may be another's by now. */
const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;
const RENEW = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`;

/** Says among replicas who asks for an answer; the others wait until it is kept. Without Redis each asks for itself. */
@Injectable()
export class AnswerClaims {
  constructor(
    @Inject(REDIS) private readonly redis: RedisLink | null,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  /** Whether there are others to say it to. */
  get isShared(): boolean {
    return this.redis !== null;
  }

  /** What takes the claim back, or null while another replica has it. Never rejects. */
  async claim(key: string): Promise<(() => void) | null> {
    const { redis } = this;
    const owner = randomUUID();
    const name = PREFIX + key;
    const nobodys = (): void => undefined;
    if (redis === null) return nobodys;
    try {
      const reply = await redis.run((client) => client.set(name, owner, { NX: true, PX: LEASE_MS }));
      if (reply === null) return null;
      if (reply === undefined) return nobodys;
    } catch (error) {
      this.logger.warn({ err: error }, 'Redis refuses to say who asks: each replica asks for itself');
      return nobodys;
    }
    const renewal = setInterval(
      () => this.evaluate(redis, RENEW, name, [owner, String(LEASE_MS)]),
      RENEW_EVERY_MS,
    ).unref();
    return () => {
      clearInterval(renewal);
      this.evaluate(redis, RELEASE, name, [owner]);
    };
  }

  private evaluate(redis: RedisLink, script: string, key: string, args: string[]): void {
    redis
      .run((client) => client.eval(script, { keys: [key], arguments: args }))
      .catch((error: unknown) => this.logger.warn({ err: error }, 'A claim in Redis was not kept'));
  }
}
