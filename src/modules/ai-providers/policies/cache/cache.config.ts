import * as z from 'zod/mini';
import { integer } from '../../../../infra/config/value.schemas.js';
import { variable } from '../../../../infra/config/variable.js';

/** For how long answers are cached, and how many. */
export const cacheConfig = z.strictObject({
  ttlSeconds: variable(
    'AI_CACHE_TTL_SECONDS',
    integer(0, 31_536_000),
    300,
    'How long an answer is cached; 0 turns caching off.',
  ),
  maxTtlSeconds: variable(
    'AI_CACHE_MAX_TTL_SECONDS',
    integer(1, 31_536_000),
    86_400,
    'Longest time for which a request may have its answer cached.',
  ),
  maxBytes: variable(
    'AI_CACHE_MAX_BYTES',
    integer(65_536, 1_099_511_627_776),
    67_108_864,
    'Most memory for cached answers without Redis; what was used longest ago goes first.',
  ),
});
export type CacheConfig = Readonly<z.output<typeof cacheConfig>>;
