import type { CacheOptions } from '@nestjs/cache-manager';
import { Keyv } from 'keyv';
import type { AppConfig } from '../../../infra/config/app-config.interface.js';
import { BoundedMemory } from './bounded-memory.js';

/** The cache of a process that shares nothing. */
export function answerCacheOptions({ cache }: Pick<AppConfig, 'cache'>): CacheOptions {
  return { stores: [new Keyv({ store: new BoundedMemory(cache.maxBytes), namespace: 'answer' })] };
}
