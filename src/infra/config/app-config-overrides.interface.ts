import type { AccessRole, AppConfig } from './app-config.interface.js';

/** Each field may be left out (the environment decides) or null (the default holds, whatever the environment says). */
type Settable<T> = { readonly [K in keyof T]?: T[K] | null };

/** An access key as a program gives it, with its secret in clear; only the secret's hash is kept. */
export interface AccessKeyInput {
  readonly name: string;
  readonly role: AccessRole;
  readonly secret: string;
}

/** A vendor's default provider as a program gives it; `apiKey: null` keeps the environment's from being registered. */
export interface DefaultProviderInput {
  readonly apiKey?: string | null;
  readonly model?: string | null;
}

/** What `AIProvidersModule.forRoot` accepts: any part of `AppConfig`, checked by the same rules as the environment. */
export interface AppConfigOverrides extends Settable<
  Pick<
    AppConfig,
    | 'production'
    | 'databaseUrl'
    | 'dataDir'
    | 'journalMaxBytes'
    | 'logRetentionDays'
    | 'redisUrl'
    | 'routingStrategy'
    | 'streamRecovery'
    | 'egressAllow'
    | 'logLevel'
  >
> {
  readonly http?: Settable<Omit<AppConfig['http'], 'accessKeys'>> & {
    readonly accessKeys?: readonly AccessKeyInput[] | null;
  };
  readonly encryption?: Settable<AppConfig['encryption']>;
  readonly defaultProviders?: {
    readonly openai?: DefaultProviderInput;
    readonly anthropic?: DefaultProviderInput;
    readonly google?: DefaultProviderInput;
  };
  readonly cache?: Settable<AppConfig['cache']>;
  readonly streams?: Settable<AppConfig['streams']>;
  readonly queue?: Settable<AppConfig['queue']>;
  readonly deadlines?: Settable<AppConfig['deadlines']>;
  readonly breaker?: Settable<AppConfig['breaker']>;
  readonly retry?: Settable<AppConfig['retry']>;
  readonly alerts?: Settable<AppConfig['alerts']>;
  readonly jobs?: Settable<AppConfig['jobs']>;
  readonly telemetry?: Settable<AppConfig['telemetry']>;
}
