import * as z from 'zod/mini';
import { url } from '../config/value.schemas.js';
import { optionalSecret } from '../config/variable.js';

/** Where what replicas share is. Not set: everything stays in this process. */
export const redisConfig = z.strictObject({
  redisUrl: optionalSecret(
    'REDIS_URL',
    url(['redis', 'rediss']),
    'One Redis, redis://… or rediss://…, no cluster, for cache, shared state and jobs; unset: no jobs, the rest stays here.',
  ),
});
export type RedisConfig = Readonly<z.output<typeof redisConfig>>;
