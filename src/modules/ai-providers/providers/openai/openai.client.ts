import { VendorClient } from '../wire/vendor.client.js';
import type { ProviderConnection } from '../base-ai.provider.js';

/** OpenAI's REST API, or a server of its form: the key as a bearer token, or in the header that the operator named. */
export function openAIClient(connection: ProviderConnection, baseUrl: string): VendorClient {
  const { apiKey, authHeader = 'bearer', transport } = connection;
  return new VendorClient({
    fetch: transport.fetch,
    baseUrl: new URL(baseUrl),
    headers: () => {
      const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'ai-providers' };
      if (apiKey === null) return headers;
      if (authHeader === 'bearer') headers['authorization'] = `Bearer ${apiKey.reveal()}`;
      else headers[authHeader] = apiKey.reveal();
      return headers;
    },
  });
}
