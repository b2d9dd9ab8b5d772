import type { EgressPolicy } from '../../../infra/http-client/egress-policy.js';
import { HttpTransport } from '../../../infra/http-client/http-transport.js';
import { ProviderError } from '../errors/provider.error.js';
import type { AIProviderAdapter } from '../interfaces/ai-adapter.interface.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import { ANTHROPIC_BASE_URL } from './anthropic/anthropic.client.js';
import { AnthropicProvider } from './anthropic.provider.js';
import type { ProviderConnection } from './base-ai.provider.js';
import { CustomProvider } from './custom.provider.js';
import { GEMINI_BASE_URL } from './gemini/gemini.client.js';
import { GeminiProvider } from './gemini.provider.js';
import { OPENAI_BASE_URL, OpenAIProvider } from './openai.provider.js';

/**
 * The adapter for a provider's configuration, with connections of its own that `close` ends.
 * @throws ProviderError `invalid_request` for a custom provider without an endpoint.
 */
export function createAdapter(config: AIProviderConfig, egress: EgressPolicy): AIProviderAdapter {
  const { apiKey, endpoint, authHeader, connectTimeout: connectTimeoutMs } = config;
  const headers = headersOf(config);
  const reach = (vendorUrl: string): ProviderConnection => ({
    apiKey,
    endpoint,
    authHeader,
    headers: config.headers,
    transport: new HttpTransport({ baseUrl: endpoint ?? vendorUrl, connectTimeoutMs, egress, headers }),
  });
  switch (config.type) {
    case 'OPENAI':
      return new OpenAIProvider(reach(OPENAI_BASE_URL));
    case 'ANTHROPIC':
      return new AnthropicProvider(reach(ANTHROPIC_BASE_URL));
    case 'GOOGLE':
      return new GeminiProvider(reach(GEMINI_BASE_URL));
    case 'CUSTOM':
      if (endpoint === null) {
        throw new ProviderError('invalid_request', 'A custom provider needs an endpoint.');
      }
      return new CustomProvider({ ...reach(endpoint), endpoint });
  }
}

/** The further headers in clear, for the transport alone. */
function headersOf({ headers }: AIProviderConfig): Record<string, string> | undefined {
  if (headers.length === 0) return undefined;
  return Object.fromEntries(headers.map(({ name, value }) => [name, value.reveal()]));
}
