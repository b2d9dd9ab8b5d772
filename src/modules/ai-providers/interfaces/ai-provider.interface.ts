/** The dialect a provider speaks. `CUSTOM` is any OpenAI-compatible endpoint. */
export type AIProviderType = 'OPENAI' | 'ANTHROPIC' | 'GOOGLE' | 'CUSTOM';

/** State of a provider's circuit breaker. */
export type CircuitState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/** A secret whose text only an explicit call gives; it prints, serialises and inspects as `***`. */
export interface SecretText {
  reveal(): string;
}

/** Limits a vendor grants, enforced by us before a request is sent. */
export interface RateLimit {
  requestsPerMinute: number;
  tokensPerMinute: number;
}

/**
 * Prices of 1,000 tokens. Without a price of its own a token that is read from the vendor's cache, or written to it, costs as
 * input, and one that is written for an hour as one that is written for five minutes.
 */
export interface TokenPrices {
  inputTokenCost: number;
  outputTokenCost: number;
  cachedInputTokenCost?: number;
  cacheWriteTokenCost?: number;
  cacheWrite1hTokenCost?: number;
}

/** The prices of a whole request whose prompt, cached tokens included, has more tokens than that. */
export interface PriceTier extends TokenPrices {
  abovePromptTokens: number;
}

/** Prices per 1,000 tokens in an ISO 4217 currency. */
export interface Pricing extends TokenPrices {
  currency: string;
  tiers?: PriceTier[];
}

/** Everything an operator sets about a provider, its key apart. Durations are milliseconds. */
export interface AIProviderSettings {
  name: string;
  type: AIProviderType;
  /** Base URL; null means the vendor's own. */
  endpoint: string | null;
  /** How the key is sent: `bearer` in `Authorization`, else as it is in the header of this name. */
  authHeader: string;
  model: string;
  /** Tokens of an answer at most; null where the operator asks for none: then no bound is sent. */
  maxTokens: number | null;
  temperature: number | null;
  topP: number | null;
  topK: number | null;
  frequencyPenalty: number | null;
  presencePenalty: number | null;
  stopSequences: string[] | null;
  /** The whole attempt. */
  timeout: number;
  connectTimeout: number;
  /** Streams: until the first content, applied while another candidate is left. The default is 5 min for a model that may think. */
  firstTokenTimeout: number;
  /** Streams: between two events. The default is 5 min for a model that may think. */
  idleTimeout: number;
  /** Number of tries on this provider, the first included; 0 counts as 1. */
  retryAttempts: number;
  retryDelay: number;
  rateLimit: RateLimit | null;
  /** Requests in flight at once; null means no bound. */
  maxConcurrency: number | null;
  pricing: Pricing | null;
  /** Higher is asked first. */
  priority: number;
  /** Share among providers of equal priority under the `weighted` strategy. */
  weight: number;
  /** Whether the vendor continues from a partial assistant message. */
  supportsPrefill: boolean;
  /** Largest prompt plus answer in tokens, where known. */
  contextWindow: number | null;
  isActive: boolean;
}

/** A further header of a provider's calls; its value is as secret as a key. */
export interface ProviderHeader {
  readonly name: string;
  readonly value: SecretText;
}

/** A registered provider as the service works with it. */
export interface AIProviderConfig extends AIProviderSettings {
  readonly id: string;
  /** Null where the endpoint needs none, or where the key was purged. */
  readonly apiKey: SecretText | null;
  readonly headers: readonly ProviderHeader[];
  /** Of all stored headers, readable or not. */
  readonly headerNames: readonly string[];
  /**
   * False where the secrets that it needs cannot be had: none of our encryption keys opens what is stored, or the vendor's
   * variable is not set any more. Then the provider cannot be asked.
   */
  readonly keyReadable: boolean;
  /** Last four characters of the key behind an ellipsis. */
  readonly apiKeyHint: string | null;
  /** Grows with every change of the row, on whatever replica it was made. */
  readonly revision: bigint;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** When its secrets were erased for good; null where they were not, or a new key has come since. */
  readonly purgedAt: Date | null;
}

/** What registering a provider takes; what is left out or null gets its default. */
export type NewAIProvider = Pick<AIProviderSettings, 'name' | 'type' | 'model'> & {
  [K in keyof Omit<AIProviderSettings, 'name' | 'type' | 'model'>]?: AIProviderSettings[K] | null;
} & { apiKey?: string | null; headers?: Readonly<Record<string, string>> | null };

/**
 * What changing a provider takes: only the given fields change, null puts an optional one back to its default. `headers` as
 * an object takes the place of all that are stored; as a list it names those that stay.
 */
export type AIProviderChanges = {
  [K in keyof Omit<NewAIProvider, 'headers'>]?: NewAIProvider[K] | null;
} & { headers?: Readonly<Record<string, string>> | readonly string[] | null };

/** Which revisions a change may be made from: those whose text is listed, or `any`. */
export type RevisionCondition = 'any' | readonly string[];

/** A provider as a caller sees it: never with its key. */
export interface AIProviderView extends AIProviderSettings {
  id: string;
  apiKeyHint: string | null;
  /** Names only. */
  headers: readonly string[];
  circuitState: CircuitState;
  /** Until when the vendor has asked to be left alone; null where it has not. */
  cooldownUntil: string | null;
  revision: number;
  createdAt: string;
  updatedAt: string;
  purgedAt: string | null;
}
