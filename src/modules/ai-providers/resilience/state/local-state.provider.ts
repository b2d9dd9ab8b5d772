import type { FactoryProvider } from '@nestjs/common';
import { APP_CONFIG } from '../../../../infra/config/config.token.js';
import type { BreakerSettings } from '../circuit-breaker.machine.js';
import { LOGGER, type Logger } from '../../../../infra/logging/logger.interface.js';
import { CLOCK, type Clock } from '../../interfaces/clock.interface.js';
import { MemoryProviderStateStore } from './provider-state.memory.store.js';

/** What this replica knows of its providers, and by which it goes on where replicas cannot ask each other. */
export const LOCAL_STATE_PROVIDER: FactoryProvider<MemoryProviderStateStore> = {
  provide: MemoryProviderStateStore,
  inject: [APP_CONFIG, CLOCK, LOGGER],
  useFactory: ({ breaker }: { readonly breaker: BreakerSettings }, clock: Clock, logger: Logger) => {
    const store = new MemoryProviderStateStore(breaker, clock);
    store.onCircuitChange(({ providerId, from, to }) =>
      logger.warn({ providerId, from, to }, 'Circuit changed state'),
    );
    return store;
  },
};
