import type { CacheOptions } from '@nestjs/cache-manager';
import { KeyvAdapter } from 'cache-manager';
import { Keyv } from 'keyv';
import type { AppConfig } from '../../../infra/config/app-config.interface.js';
import type { RedisLink } from '../../../infra/redis/redis-link.js';
import { BoundedMemory } from './bounded-memory.js';

const IN_MEMORY = 'answer';
const IN_REDIS = 'ai-providers:answer';

/** Answers are kept in Redis where there is one, for all replicas; else in this process. */
export async function answerCacheOptions(
  { cache }: Pick<AppConfig, 'cache'>,
  redis: RedisLink | null,
): Promise<CacheOptions> {
  return {
    stores: [
      redis
        ? await inRedis(redis)
        : new Keyv({ store: new BoundedMemory(cache.maxBytes), namespace: IN_MEMORY }),
    ],
  };
}

/** A Redis that is away has nothing and keeps nothing: each is a miss, at once. */
async function inRedis(link: RedisLink): Promise<Keyv> {
  // Loads the Redis client, which nobody needs without a Redis.
  const { redisInsStore } = await import('cache-manager-redis-yet');
  const store = redisInsStore(link.client);
  const bounded = {
    ...store,
    get: <T>(key: string) => link.run(() => store.get<T>(key)),
    set: async (key: string, value: unknown, ttlMs?: number) => {
      await link.run(() => store.set(key, value, ttlMs));
    },
  };
  return new Keyv({ store: new KeyvAdapter(bounded), namespace: IN_REDIS });
}
