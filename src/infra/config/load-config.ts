import { resolve } from 'node:path';
import { Secret } from '../crypto/secret.js';
import type { AppConfigOverrides } from './app-config-overrides.interface.js';
import type { AppConfig, DefaultProvider } from './app-config.interface.js';
import { ConfigError } from './config.error.js';
import { brokenRelations } from './config.relations.js';
import { readEnvironment } from './environment.reader.js';
import type { EnvironmentValues } from './environment.table.js';
import { readOverrides } from './override.reader.js';

export interface LoadConfigOptions {
  /** False for a command that reads no stored key: production then starts it without `AI_ENCRYPTION_KEY`. */
  readonly requireEncryption?: boolean;
}

/**
 * The whole configuration: `overrides` before `env` before the defaults. Throws `ConfigError` with one line for every
 * setting that is not of its form or contradicts another. An empty variable counts as unset.
 */
export function loadConfig(
  env: NodeJS.ProcessEnv = process.env,
  overrides: AppConfigOverrides = {},
  { requireEncryption = true }: LoadConfigOptions = {},
): AppConfig {
  const { texts, problems } = readOverrides(overrides);
  const reading = readEnvironment(env, texts);
  const all = [
    ...problems,
    ...reading.problems,
    ...brokenRelations(reading.values, { texts, unread: reading.unread, requireEncryption }),
  ];
  if (all.length > 0) throw new ConfigError(all);
  return toConfig(reading.values);
}

function toConfig(values: EnvironmentValues): AppConfig {
  return {
    production: values.NODE_ENV,
    http: {
      port: values.PORT,
      host: values.HOST,
      workers: values.WORKERS,
      bodyLimitBytes: values.AI_BODY_LIMIT_BYTES,
      allowAnonymous: values.AI_ALLOW_ANONYMOUS,
      accessKeys: values.AI_API_KEYS,
      allowedHosts: values.AI_ALLOWED_HOSTS,
      corsOrigins: values.AI_CORS_ORIGINS,
      requestTimeoutMs: values.AI_REQUEST_TIMEOUT_MS,
      shutdownTimeoutMs: values.AI_SHUTDOWN_TIMEOUT_MS,
      keepAliveMs: values.AI_SSE_KEEPALIVE_MS,
    },
    databaseUrl: values.DATABASE_URL,
    dataDir: resolve(values.AI_DATA_DIR),
    journalMaxBytes: values.AI_JOURNAL_MAX_BYTES,
    logRetentionDays: values.AI_LOG_RETENTION_DAYS,
    redisUrl: values.REDIS_URL,
    encryption: {
      key: values.AI_ENCRYPTION_KEY,
      iv: values.AI_ENCRYPTION_IV,
      previous: values.AI_ENCRYPTION_KEY_PREVIOUS,
    },
    defaultProviders: defaultProviders(values),
    cache: {
      ttlSeconds: values.AI_CACHE_TTL_SECONDS,
      maxTtlSeconds: values.AI_CACHE_MAX_TTL_SECONDS,
      maxBytes: values.AI_CACHE_MAX_BYTES,
    },
    routingStrategy: values.AI_ROUTING_STRATEGY,
    streamRecovery: values.AI_STREAM_RECOVERY,
    streams: {
      openAfterMs: values.AI_STREAM_OPEN_AFTER_MS,
      readerTimeoutMs: values.AI_STREAM_READER_TIMEOUT_MS,
    },
    queue: {
      maxWaitMs: values.AI_QUEUE_MAX_WAIT_MS,
      maxSize: values.AI_QUEUE_MAX_SIZE,
      maxPerCaller: values.AI_QUEUE_MAX_PER_CALLER,
    },
    deadlines: {
      connectTimeoutMs: values.AI_CONNECT_TIMEOUT_MS,
      firstTokenTimeoutMs: values.AI_FIRST_TOKEN_TIMEOUT_MS,
      idleTimeoutMs: values.AI_IDLE_TIMEOUT_MS,
    },
    breaker: {
      failureThreshold: values.AI_BREAKER_FAILURE_THRESHOLD,
      successThreshold: values.AI_BREAKER_SUCCESS_THRESHOLD,
      timeoutMs: values.AI_BREAKER_TIMEOUT_MS,
      monitoringPeriodMs: values.AI_BREAKER_MONITORING_PERIOD_MS,
    },
    retry: {
      maxAttempts: values.AI_RETRY_MAX_ATTEMPTS,
      initialDelayMs: values.AI_RETRY_INITIAL_DELAY_MS,
      maxDelayMs: values.AI_RETRY_MAX_DELAY_MS,
      backoffMultiplier: values.AI_RETRY_BACKOFF_MULTIPLIER,
    },
    alerts: {
      errorRateCritical: values.AI_ALERT_ERROR_RATE_CRITICAL,
      errorRateWarning: values.AI_ALERT_ERROR_RATE_WARNING,
      latencyMs: values.AI_ALERT_LATENCY_MS,
      cost: values.AI_ALERT_COST,
      minRequests: values.AI_ALERT_MIN_REQUESTS,
      checkIntervalMs: values.AI_ALERT_CHECK_INTERVAL_MS,
      webhookUrl: values.AI_ALERT_WEBHOOK_URL,
      webhookSecret: values.AI_ALERT_WEBHOOK_SECRET,
    },
    jobs: {
      worker: values.AI_JOBS_WORKER,
      concurrency: values.AI_JOBS_CONCURRENCY,
      resultTtlSeconds: values.AI_JOBS_RESULT_TTL_SECONDS,
      maxWaiting: values.AI_JOBS_MAX_WAITING,
      maxWaitingBytes: values.AI_JOBS_MAX_WAITING_BYTES,
      webhookAllow: values.AI_JOBS_WEBHOOK_ALLOW,
      webhookSecret: values.AI_JOBS_WEBHOOK_SECRET,
    },
    telemetry: { endpoint: values.OTEL_EXPORTER_OTLP_ENDPOINT, serviceName: values.OTEL_SERVICE_NAME },
    egressAllow: values.AI_EGRESS_ALLOW,
    logLevel: values.LOG_LEVEL,
  };
}

function defaultProviders(values: EnvironmentValues): DefaultProvider[] {
  const vendors = [
    ['OPENAI_API_KEY', 'OpenAI', 'OPENAI', values.OPENAI_MODEL],
    ['ANTHROPIC_API_KEY', 'Anthropic', 'ANTHROPIC', values.ANTHROPIC_MODEL],
    ['GOOGLE_AI_API_KEY', 'Google AI', 'GOOGLE', values.GOOGLE_AI_MODEL],
  ] as const;
  return vendors.flatMap(([variable, name, type, model]) => {
    const key = values[variable];
    return key === undefined
      ? []
      : [{ origin: `env:${variable}`, name, type, apiKey: new Secret(key), model }];
  });
}
