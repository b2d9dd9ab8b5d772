import type { Provider } from '@nestjs/common';
import { APP_CONFIG } from '../infra/config/config.token.js';
import type { DataDirectoryConfig } from './data-directory/data-directory.config.js';
import type { DatabaseConfig } from './prisma/database.config.js';
import type { EgressConfig } from './http-client/egress.config.js';
import type { ProductionConfig } from './production.config.js';
import { ApiKeyCipher } from './crypto/api-key.cipher.js';
import { resolveEncryptionKeys, type EncryptionKeySettings } from './crypto/encryption-key.store.js';
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
    useFactory: ({ databaseUrl, dataDir }: DatabaseConfig & DataDirectoryConfig): DatabaseOptions => ({
      databaseUrl,
      dataDir,
    }),
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
    useFactory: async (config: EncryptionKeySettings, logger: Logger): Promise<ApiKeyCipher> => {
      const { keys, warning } = await resolveEncryptionKeys(config);
      if (warning !== undefined) logger.warn({}, warning);
      return ApiKeyCipher.create(keys);
    },
  },
  {
    provide: EgressPolicy,
    inject: [APP_CONFIG],
    useFactory: ({ production, egressAllow }: ProductionConfig & EgressConfig): EgressPolicy =>
      new EgressPolicy({ production, allow: egressAllow.map(parseEgressRule) }),
  },
  TELEMETRY_PROVIDER,
  TokenEstimator,
];
