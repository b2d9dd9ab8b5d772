import type { FactoryProvider } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../../../../infra/config/app-config.interface.js';
import { LOGGER, type Logger } from '../../../../infra/logging/logger.interface.js';
import { CLOCK, type Clock } from '../../interfaces/clock.interface.js';
import { MemoryProviderStateStore } from './provider-state.memory.store.js';
import { CircuitOutageRecorder } from '../../health/circuit-outage.recorder.js';

/** What this replica knows of its providers, and by which it goes on where replicas cannot ask each other. */
export const LOCAL_STATE_PROVIDER: FactoryProvider<MemoryProviderStateStore> = {
  provide: MemoryProviderStateStore,
  inject: [APP_CONFIG, CLOCK, LOGGER, CircuitOutageRecorder],
  useFactory: ({ breaker }: AppConfig, clock: Clock, logger: Logger, outages: CircuitOutageRecorder) =>
    new MemoryProviderStateStore(breaker, clock, (change) => {
      const { providerId, from, to } = change;
      logger.warn({ providerId, from, to }, 'Circuit changed state');
      outages.circuitChanged(change);
    }),
};
