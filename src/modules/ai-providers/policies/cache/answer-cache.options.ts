import type { CacheOptions } from '@nestjs/cache-manager';
import { KeyvAdapter } from 'cache-manager';
import { Keyv } from 'keyv';
import type { CacheConfig } from './cache.config.js';
import type { RedisLink } from '../../../../infra/redis/redis-link.js';
import { BoundedMemory } from './bounded-memory.js';

const IN_MEMORY = 'answer';
const IN_REDIS = 'ai-providers:answer';

/** Answers are kept in Redis where there is one, for all replicas; else in this process. */
export async function answerCacheOptions(
  { cache }: { readonly cache: CacheConfig },
  redis: RedisLink | null,
): Promise<CacheOptions> {
  return { stores: [redis ? await inRedis(redis) : inMemory(cache.maxBytes)] };
}

/** An answer is plain JSON: Keyv's own way of writing it, which can also keep bytes, takes three times as long to read. */
function inMemory(maxBytes: number): Keyv {
  return new Keyv({
    store: new BoundedMemory(maxBytes),
    namespace: IN_MEMORY,
    serialize: JSON.stringify,
    deserialize: JSON.parse,
  });
}

/** A Redis that is away has nothing and keeps nothing: each is a miss, at once. */
async function inRedis(link: RedisLink): Promise<Keyv> {
  // Loads the Redis client, which is not needed without a Redis.
  const { redisInsStore } = await import('cache-manager-redis-yet');
  const store = redisInsStore(link.client);
  const bounded = {
    ...store,
    get: <T>(key: string) => link.run(() => store.get<T>(key)),
    set: async (key: string, value: unknown, ttlMs?: number) => {
      await link.run(() => store.set(key, value, ttlMs));
    },
  };
  const keyv = new Keyv({ store: new KeyvAdapter(bounded), namespace: IN_REDIS });
  // The store writes and reads JSON itself.
  keyv.serialize = undefined;
  keyv.deserialize = undefined;
  return keyv;
}
