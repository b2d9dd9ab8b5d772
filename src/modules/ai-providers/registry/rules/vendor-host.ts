import type { AIProviderSettings, AIProviderType } from '../../interfaces/ai-provider.interface.js';

/** Where each vendor is reached when a provider names no endpoint. */
const VENDOR_ORIGINS = {
  OPENAI: 'https://api.openai.com',
  ANTHROPIC: 'https://api.anthropic.com',
  GOOGLE: 'https://generativelanguage.googleapis.com',
} as const satisfies Partial<Record<AIProviderType, string>>;

/** A type whose vendor has a host of its own, and a variable for its key. */
export type VendorType = keyof typeof VENDOR_ORIGINS;

/** What decides where a provider's calls go. */
export type Address = Pick<AIProviderSettings, 'type' | 'endpoint'>;

/** Scheme, host and port that calls go to (RFC 6454 §4); null where none is named. */
export function originOf({ type, endpoint }: Address): string | null {
  if (endpoint !== null) return URL.canParse(endpoint) ? new URL(endpoint).origin : null;
  return type === 'CUSTOM' ? null : VENDOR_ORIGINS[type];
}

/** The vendor whose own host the provider is at; null at any other host. */
export function vendorOf(provider: Address): VendorType | null {
  const { type } = provider;
  return type !== 'CUSTOM' && originOf(provider) === VENDOR_ORIGINS[type] ? type : null;
}
