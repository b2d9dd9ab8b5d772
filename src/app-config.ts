import { resolve } from 'node:path';
import * as z from 'zod/mini';
import { accessConfig } from './access/access.config.js';
import { readConfig } from './infra/config/read-config.js';
import { relation } from './infra/config/relation.js';
import { variablesOf } from './infra/config/variable-list.js';
import { encryptionConfig } from './infra/crypto/encryption.config.js';
import { dataDirectoryConfig } from './infra/data-directory/data-directory.config.js';
import { egressConfig } from './infra/http-client/egress.config.js';
import { httpConfig } from './infra/http-server/http.config.js';
import { logConfig } from './infra/logging/log.config.js';
import { databaseConfig } from './infra/prisma/database.config.js';
import { productionConfig } from './infra/production.config.js';
import { redisConfig } from './infra/redis/redis.config.js';
import { telemetryConfig } from './infra/telemetry/telemetry.config.js';
import { jobsConfig } from './modules/ai-jobs/jobs.config.js';
import { queueConfig } from './modules/ai-providers/admission/queue.config.js';
import { routingConfig } from './modules/ai-providers/admission/routing.config.js';
import { alertsConfig } from './modules/ai-providers/alerts/alerts.config.js';
import { ledgerConfig } from './modules/ai-providers/ledger/ledger.config.js';
import { cacheConfig } from './modules/ai-providers/policies/cache/cache.config.js';
import { deadlinesConfig } from './modules/ai-providers/registry/deadlines.config.js';
import { vendorConfig } from './modules/ai-providers/registry/vendor.config.js';
import { retryConfig } from './modules/ai-providers/services/ai-request-manager.service.js';
import { breakerConfig } from './modules/ai-providers/services/circuit-breaker.service.js';
import { streamRecoveryConfig, streamsConfig } from './modules/ai-providers/streams.config.js';

/** The sections of all features, in the order of `.env.example`. A path in it is the name that `forRoot` takes. */
const appConfig = z.strictObject({
  ...productionConfig.shape,
  http: z.strictObject({ ...httpConfig.shape, ...accessConfig.shape }),
  ...logConfig.shape,
  ...databaseConfig.shape,
  ...dataDirectoryConfig.shape,
  ...redisConfig.shape,
  encryption: encryptionConfig,
  defaultProviders: vendorConfig,
  ...egressConfig.shape,
  cache: cacheConfig,
  ...routingConfig.shape,
  ...streamRecoveryConfig.shape,
  streams: streamsConfig,
  queue: queueConfig,
  deadlines: deadlinesConfig,
  retry: retryConfig,
  breaker: breakerConfig,
  alerts: alertsConfig,
  jobs: jobsConfig,
  ...ledgerConfig.shape,
  telemetry: telemetryConfig,
});

/** Everything the environment and `forRoot` decide, validated. Durations are milliseconds unless named otherwise. */
export type AppConfig = Readonly<z.output<typeof appConfig>>;

/**
 * What `AIProvidersModule.forRoot` accepts: any part of the configuration, checked by the same rules as the environment.
 * Each setting may be left out (the environment decides) or null (the default holds, whatever the environment says).
 */
export type AppConfigOverrides = Overrides<z.input<typeof appConfig>>;

type Overrides<T> = {
  readonly [K in keyof T]?: null extends T[K] ? T[K] : Overrides<T[K]>;
};

export interface LoadConfigOptions {
  /** False for a command that reads no stored key: production then starts it without `AI_ENCRYPTION_KEY`. */
  readonly requireEncryption?: boolean;
}

/**
 * The whole configuration: `overrides` before `env` before the defaults. Throws `ConfigError` with one line for every
 * setting that is not of its form or contradicts another. An empty variable counts as unset.
 */
export function loadConfig(
  env?: NodeJS.ProcessEnv,
  overrides: AppConfigOverrides = {},
  { requireEncryption = true }: LoadConfigOptions = {},
): AppConfig {
  const schema = appConfig.check(...SHARED_BY_WORKERS, ...encryptionPair(requireEncryption));
  const config = readConfig(schema, overrides, env);
  return { ...config, dataDir: resolve(config.dataDir) };
}

/** Every variable there is. */
export const APP_VARIABLES = variablesOf(appConfig);

const SHARED_BY_WORKERS = (['databaseUrl', 'redisUrl'] as const).map((shared) =>
  relation<AppConfig>({
    about: shared,
    beside: ['http.workers'],
    expected: (values) =>
      values.http.workers === 1 || values[shared] !== undefined
        ? undefined
        : 'a URL when {http.workers} is more than 1: it is what the processes share; it is not set',
  }),
);

/** Key and IV are set together, and in production always. */
function encryptionPair(requireEncryption: boolean): z.core.$ZodCheck<AppConfig>[] {
  const setTogether = (
    about: 'key' | 'iv',
    other: 'key' | 'iv',
    length: string,
  ): z.core.$ZodCheck<AppConfig> =>
    relation<AppConfig>({
      about: `encryption.${about}`,
      beside: [`encryption.${other}`, 'production'],
      expected: ({ production, encryption }) => {
        const isWanted = encryption[other] !== undefined || (production && requireEncryption);
        if (!isWanted || encryption[about] !== undefined) return undefined;
        return `${length} ${production ? 'in production' : 'when the other of key and IV is set'}; it is not set`;
      },
    });
  return [setTogether('key', 'iv', '32 to 64 characters'), setTogether('iv', 'key', '16 to 64 characters')];
}
