/** Token under which Nest injects the `RedisLink`, or null where no Redis is configured. */
export const REDIS = Symbol('Redis');
