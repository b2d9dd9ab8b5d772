import { VendorClient } from '../wire/vendor.client.js';
import type { ProviderConnection } from '../base-ai.provider.js';

/** Anthropic's own base URL. */
export const ANTHROPIC_BASE_URL = 'https://api.anthropic.com';

/**
 * The last API version with `temperature`, `top_p` and `top_k`, and the one that Anthropic-compatible servers know. The
 * SDK's own, 2026-10-21, answers any of the three with a 400:
 * https://platform.claude.com/docs/en/api/migration-2026-10-21
 */
const API_VERSION = '2023-06-01';

/**
 * Anthropic's REST API; the endpoint may end in `/v1`. The key goes in the header of this API version, which compatible
 * servers read too.
 */
export function anthropicClient({ apiKey, endpoint, transport }: ProviderConnection): VendorClient {
  const baseUrl = new URL(endpoint ?? ANTHROPIC_BASE_URL);
  baseUrl.pathname = baseUrl.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  return new VendorClient({
    fetch: transport.fetch,
    baseUrl,
    headers: () => {
      const headers: Record<string, string> = {
        accept: 'application/json',
        'user-agent': 'ai-providers',
        'anthropic-version': API_VERSION,
      };
      if (apiKey !== null) headers['x-api-key'] = apiKey.reveal();
      return headers;
    },
  });
}
