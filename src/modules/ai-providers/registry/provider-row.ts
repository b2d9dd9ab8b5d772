import type { AIProviderSettings } from '../interfaces/ai-provider.interface.js';

/** A provider as it is stored: with its key as ciphertext. */
export interface ProviderRow extends AIProviderSettings {
  readonly id: string;
  readonly encryptedApiKey: string | null;
  readonly apiKeyHint: string | null;
  /** Ciphertext of `[[name, value], …]`. */
  readonly encryptedHeaders: string | null;
  readonly headerNames: string[] | null;
  readonly purgedAt: Date | null;
  /** Where it came from, such as `env:OPENAI_API_KEY`; null for one registered by a caller. */
  readonly origin: string | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** Greater after every change of the row. */
  readonly revision: bigint;
}

/** What a new provider brings. Without an `id` it gets one. */
export interface NewProviderRow extends AIProviderSettings {
  id?: string;
  encryptedApiKey: string | null;
  apiKeyHint: string | null;
  encryptedHeaders?: string | null;
  headerNames?: string[] | null;
  purgedAt?: Date | null;
  origin?: string | null;
}

/** What of a provider changes; a field left out stays. */
export type ProviderRowChanges = Partial<Omit<NewProviderRow, 'id' | 'origin'>>;
