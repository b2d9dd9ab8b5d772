import type { Secret } from '../crypto/secret.js';

/** Token under which Nest injects the `AppConfig`. */
export const APP_CONFIG = Symbol('AppConfig');

export const ACCESS_ROLES = ['admin', 'client', 'monitor'] as const;
export type AccessRole = (typeof ACCESS_ROLES)[number];

export const ROUTING_STRATEGIES = [
  'priority',
  'weighted',
  'least-latency',
  'least-busy',
  'lowest-cost',
] as const;
export type RoutingStrategyName = (typeof ROUTING_STRATEGIES)[number];

export const STREAM_RECOVERIES = ['splice', 'prefill', 'off'] as const;
export type StreamRecovery = (typeof STREAM_RECOVERIES)[number];

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** One key to the HTTP API. The secret itself is not kept. */
export interface AccessKey {
  readonly name: string;
  readonly role: AccessRole;
  /** SHA-256 of the secret's UTF-8 bytes, in lower-case hexadecimal. */
  readonly secretSha256: string;
}

/** A provider that the environment asks to be registered once. */
export interface DefaultProvider {
  /** Where it comes from, such as `env:OPENAI_API_KEY`: the mark by which "once" is known. */
  readonly origin: string;
  readonly name: string;
  readonly type: 'OPENAI' | 'ANTHROPIC' | 'GOOGLE';
  readonly apiKey: Secret;
  readonly model: string;
}

export interface HttpConfig {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
  /** Processes that the service runs as; a host application runs its own. */
  readonly workers: number;
  readonly bodyLimitBytes: number;
  readonly allowAnonymous: boolean;
  /** Empty: whoever reaches the port is answered. */
  readonly accessKeys: readonly AccessKey[];
  /** Names, in lower case, that a `Host` header may say beside loopback's own while callers are anonymous. */
  readonly allowedHosts: readonly string[];
  /** Origins whose pages may call the API; `*` for all; empty: none. */
  readonly corsOrigins: readonly string[];
  /** How long a caller may take to send a request. */
  readonly requestTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
  /** Silence after which an open event stream gets a comment line. */
  readonly keepAliveMs: number;
}

export interface EncryptionConfig {
  /** 32 to 64 characters; undefined outside production means the key kept in the data directory. */
  readonly key: string | undefined;
  /** 16 to 64 characters; defined exactly when `key` is. */
  readonly iv: string | undefined;
  /** Earlier keys that still decrypt. */
  readonly previous: readonly string[];
}

export interface CacheConfig {
  /** 0: no response cache. */
  readonly ttlSeconds: number;
  /** Longest time that a request may name for its own answer. */
  readonly maxTtlSeconds: number;
  /** Bound on what is kept in this process. */
  readonly maxBytes: number;
}

export interface QueueConfig {
  readonly maxWaitMs: number;
  /** 0: nothing waits. */
  readonly maxSize: number;
  /** How many of them one access key may have. */
  readonly maxPerCaller: number;
}

export interface StreamConfig {
  /** Silence after which the head of a stream goes out before its first content. */
  readonly openAfterMs: number;
  /** How long a reader may take nothing before he counts as gone. */
  readonly readerTimeoutMs: number;
}

/** Deadlines of a provider that does not set its own. */
export interface DeadlineConfig {
  readonly connectTimeoutMs: number;
  readonly firstTokenTimeoutMs: number;
  readonly idleTimeoutMs: number;
}

export interface BreakerConfig {
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly timeoutMs: number;
  readonly monitoringPeriodMs: number;
}

export interface RetryConfig {
  /** Tries on one provider, the first included. */
  readonly maxAttempts: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;
  readonly backoffMultiplier: number;
}

export interface AlertConfig {
  /** Percent, 0–100. */
  readonly errorRateCritical: number;
  /** Percent, 0–100. */
  readonly errorRateWarning: number;
  readonly latencyMs: number;
  /** In the provider's own currency, a month. */
  readonly cost: number;
  /** Requests in the hour from which on a rate or an average says something. */
  readonly minRequests: number;
  readonly checkIntervalMs: number;
  /** Undefined: nobody is told. Never without the secret. */
  readonly webhookUrl: string | undefined;
  readonly webhookSecret: string | undefined;
}

export interface JobsConfig {
  /** Whether this process works on jobs. */
  readonly worker: boolean;
  /** Jobs that it works on at once. */
  readonly concurrency: number;
  /** How long a job that has ended is kept. */
  readonly resultTtlSeconds: number;
  /** Jobs of one caller that may be queued or worked on at once. */
  readonly maxWaiting: number;
  /** Bytes that the requests of these jobs may take. */
  readonly maxWaitingBytes: number;
  /** Hosts or CIDRs, optionally with a port, that webhooks of jobs may be at although private. */
  readonly webhookAllow: readonly string[];
  /** Undefined: nobody is told. */
  readonly webhookSecret: string | undefined;
}

export interface TelemetryConfig {
  /** Undefined: no traces, no metrics but those that Prometheus fetches. */
  readonly endpoint: string | undefined;
  readonly serviceName: string;
}

/** Everything the environment and `forRoot` decide, validated. Durations are milliseconds unless named otherwise. */
export interface AppConfig {
  readonly production: boolean;
  readonly http: HttpConfig;
  /** Undefined: the embedded database under `dataDir`. */
  readonly databaseUrl: string | undefined;
  /** Absolute path. */
  readonly dataDir: string;
  /** Bound on the journal of requests that are not in the database yet. */
  readonly journalMaxBytes: number;
  /** For how long single requests are kept. */
  readonly logRetentionDays: number;
  /** Undefined: everything in this process. */
  readonly redisUrl: string | undefined;
  readonly encryption: EncryptionConfig;
  readonly defaultProviders: readonly DefaultProvider[];
  readonly cache: CacheConfig;
  readonly routingStrategy: RoutingStrategyName;
  readonly streamRecovery: StreamRecovery;
  readonly streams: StreamConfig;
  readonly queue: QueueConfig;
  readonly deadlines: DeadlineConfig;
  readonly breaker: BreakerConfig;
  readonly retry: RetryConfig;
  readonly alerts: AlertConfig;
  readonly jobs: JobsConfig;
  readonly telemetry: TelemetryConfig;
  /** Hosts or CIDRs, optionally with a port, that may be reached although private. */
  readonly egressAllow: readonly string[];
  readonly logLevel: LogLevel;
}
