import type { FactoryProvider } from '@nestjs/common';
import { APP_CONFIG } from '../../../../infra/config/config.token.js';
import type { BreakerSettings } from '../circuit-breaker.machine.js';
import { REDIS } from '../../../../infra/redis/redis.token.js';
import type { RedisLink } from '../../../../infra/redis/redis-link.js';
import { CLOCK, type Clock } from '../../interfaces/clock.interface.js';
import { RedisProviderStateStore } from './provider-state.redis.store.js';
import type { ProviderStateStore } from './provider-state.interface.js';

/** A store that all replicas share and that may be away. */
export type SharedProviderStateStore = ProviderStateStore & { readonly isAvailable: boolean };

/** Token under which Nest injects the `SharedProviderStateStore`, or null where replicas share nothing. */
export const SHARED_STATE = Symbol('SharedState');

/** What all replicas know of the providers, where there is a Redis to share it. */
export const SHARED_STATE_PROVIDER: FactoryProvider<SharedProviderStateStore | null> = {
  provide: SHARED_STATE,
  inject: [APP_CONFIG, REDIS, CLOCK],
  useFactory: ({ breaker }: { readonly breaker: BreakerSettings }, link: RedisLink | null, clock: Clock) =>
    link && new RedisProviderStateStore({ link, settings: breaker, clock }),
};
