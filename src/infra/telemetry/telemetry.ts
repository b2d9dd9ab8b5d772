import type { Provider } from '@nestjs/common';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { APP_CONFIG } from '../../infra/config/config.token.js';
import type { TelemetryConfig } from './telemetry.config.js';
import { LOGGER, type Logger } from '../logging/logger.interface.js';
import { withPackages } from '../optional-packages.js';

/** Whether traces and metrics go to an OpenTelemetry collector, and the end of that. */
@Injectable()
export class Telemetry implements OnApplicationShutdown {
  constructor(
    /** False: nothing of it may cost anything. */
    readonly isOn: boolean,
    private readonly end: () => Promise<void> = () => Promise.resolve(),
  ) {}

  /** Sends what has been collected. */
  onApplicationShutdown(): Promise<void> {
    return this.end();
  }
}

/** Makes `Telemetry`; the SDK is not even loaded where no collector is named. */
export const TELEMETRY_PROVIDER: Provider = {
  provide: Telemetry,
  inject: [APP_CONFIG, LOGGER],
  useFactory: async (
    { telemetry }: { readonly telemetry: TelemetryConfig },
    logger: Logger,
  ): Promise<Telemetry> => {
    const { endpoint, serviceName } = telemetry;
    if (endpoint === undefined) return new Telemetry(false);
    const { startSdk } = await withPackages(
      'The export to an OpenTelemetry collector',
      () => import('./open-telemetry.sdk.js'),
    );
    return new Telemetry(true, startSdk({ endpoint, serviceName, logger }));
  },
};
