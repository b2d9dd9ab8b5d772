import type { Provider } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from './config/app-config.interface.js';
import { ApiKeyCipher } from './crypto/api-key.cipher.js';
import { resolveEncryptionKeys } from './crypto/encryption-key.store.js';
import { EgressPolicy, parseEgressRule } from './http-client/egress-policy.js';
import { LOGGER, type Logger } from './logging/logger.interface.js';
import { DATABASE_LOGGER, DATABASE_OPTIONS, type DatabaseOptions } from './prisma/database-options.js';
import { PrismaService } from './prisma/prisma.service.js';
import { TELEMETRY_PROVIDER } from './telemetry/telemetry.js';
import { TokenEstimator } from './tokenizer/token-estimator.js';

/** The technology under the module, made from `APP_CONFIG` and `LOGGER`. The database is connected when it is handed out. */
export const INFRA_PROVIDERS: Provider[] = [
  {
    provide: DATABASE_OPTIONS,
    inject: [APP_CONFIG],
    useFactory: ({ databaseUrl, dataDir }: AppConfig): DatabaseOptions => ({ databaseUrl, dataDir }),
  },
  { provide: DATABASE_LOGGER, useExisting: LOGGER },
  {
    provide: PrismaService,
    inject: [DATABASE_OPTIONS, DATABASE_LOGGER],
    useFactory: async (options: DatabaseOptions, logger: Logger): Promise<PrismaService> => {
      const service = new PrismaService(options, logger);
      await service.connect();
      return service;
    },
  },
  {
    provide: ApiKeyCipher,
    inject: [APP_CONFIG, LOGGER],
    useFactory: async (config: AppConfig, logger: Logger): Promise<ApiKeyCipher> => {
      const { keys, warning } = await resolveEncryptionKeys(config);
      if (warning !== undefined) logger.warn({}, warning);
      return ApiKeyCipher.create(keys);
    },
  },
  {
    provide: EgressPolicy,
    inject: [APP_CONFIG],
    useFactory: ({ production, egressAllow }: AppConfig): EgressPolicy =>
      new EgressPolicy({ production, allow: egressAllow.map(parseEgressRule) }),
  },
  TELEMETRY_PROVIDER,
  TokenEstimator,
];
