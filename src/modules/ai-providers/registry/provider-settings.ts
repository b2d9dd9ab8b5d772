import type { DeadlinesConfig } from './deadlines.config.js';
import type { RetryPolicy } from '../resilience/retry-policy.js';
import type {
  AIProviderChanges,
  AIProviderSettings,
  NewAIProvider,
} from '../interfaces/ai-provider.interface.js';

/** What holds where a provider does not say. Durations are milliseconds. */
export type SettingDefaults = Omit<AIProviderSettings, 'name' | 'type' | 'model'>;

/** Where the environment may change some of them. */
export interface SettingSources {
  readonly deadlines: DeadlinesConfig;
  readonly retry: Readonly<RetryPolicy>;
}

/** The defaults, some of which the environment may change. */
export function settingDefaults({ deadlines, retry }: SettingSources): SettingDefaults {
  return {
    endpoint: null,
    authHeader: 'bearer',
    maxTokens: null,
    temperature: null,
    topP: null,
    topK: null,
    frequencyPenalty: null,
    presencePenalty: null,
    stopSequences: null,
    timeout: 600_000,
    rateLimit: null,
    maxConcurrency: null,
    pricing: null,
    priority: 0,
    weight: 1,
    supportsPrefill: false,
    contextWindow: null,
    isActive: true,
    connectTimeout: deadlines.connectTimeoutMs,
    firstTokenTimeout: deadlines.firstTokenTimeoutMs,
    idleTimeout: deadlines.idleTimeoutMs,
    retryAttempts: retry.maxAttempts,
    retryDelay: retry.initialDelayMs,
  };
}

/** The whole settings of a new provider. */
export function settingsOf(input: NewAIProvider, defaults: SettingDefaults): AIProviderSettings {
  return merge({ ...defaults, name: input.name, type: input.type, model: input.model }, input, defaults);
}

/** The settings of `current` after `changes`. */
export function changedSettings(
  current: AIProviderSettings,
  changes: AIProviderChanges,
  defaults: SettingDefaults,
): AIProviderSettings {
  return merge(pickSettings(current), changes, defaults);
}

/** A provider's settings without its identity and key. */
export function pickSettings(config: AIProviderSettings): AIProviderSettings {
  const { name, type, model } = config;
  const rest = Object.fromEntries(
    SETTING_NAMES.map((key) => [key, config[key]]),
  ) as unknown as SettingDefaults;
  return { name, type, model, ...rest };
}

const SETTING_NAMES = Object.keys(
  settingDefaults({
    deadlines: { connectTimeoutMs: 0, firstTokenTimeoutMs: 0, idleTimeoutMs: 0 },
    retry: { maxAttempts: 0, initialDelayMs: 0, maxDelayMs: 0, backoffMultiplier: 1 },
  }),
) as (keyof SettingDefaults)[];

function merge(
  base: AIProviderSettings,
  given: AIProviderChanges,
  defaults: SettingDefaults,
): AIProviderSettings {
  const settings: SettingDefaults = { ...base };
  const put = <K extends keyof SettingDefaults>(key: K): void => {
    const value = given[key] as SettingDefaults[K] | null | undefined;
    if (value !== undefined) settings[key] = value ?? defaults[key];
  };
  SETTING_NAMES.forEach(put);
  return {
    ...settings,
    name: given.name ?? base.name,
    type: given.type ?? base.type,
    model: given.model ?? base.model,
  };
}
