import type { AIProviderConfig } from './ai-provider.interface.js';

/** The providers as they are now, in memory. */
export interface ProviderLookup {
  /** All but purged ones, inactive ones included, highest priority first. */
  all(): readonly AIProviderConfig[];
  /** Purged ones too. */
  byId(id: string): AIProviderConfig | undefined;
}
