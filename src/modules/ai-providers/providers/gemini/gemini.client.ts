import { VendorClient } from '../wire/vendor.client.js';
import type { ProviderConnection } from '../base-ai.provider.js';

/** Google's own base URL for the Gemini API. */
export const GEMINI_BASE_URL = 'https://generativelanguage.googleapis.com';

/** Gemini's REST API; the endpoint may end in `/v1beta`. The key goes in a header, never in the URL. */
export function geminiClient({ apiKey, endpoint, transport }: ProviderConnection): VendorClient {
  const baseUrl = new URL(endpoint ?? GEMINI_BASE_URL);
  baseUrl.pathname = baseUrl.pathname.replace(/\/+$/, '').replace(/\/v1(?:beta)?$/, '');
  return new VendorClient({
    fetch: transport.fetch,
    baseUrl,
    headers: () => {
      const headers: Record<string, string> = { 'user-agent': 'ai-providers' };
      if (apiKey !== null) headers['x-goog-api-key'] = apiKey.reveal();
      return headers;
    },
  });
}
