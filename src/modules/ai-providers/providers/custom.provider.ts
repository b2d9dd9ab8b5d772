import type { ProviderConnection } from './base-ai.provider.js';
import { CUSTOM_DIALECT } from './openai/chat/chat.dialect.js';
import { OpenAICompatibleProvider } from './openai/openai-compatible.provider.js';

/** Any OpenAI-compatible server. Needs an endpoint; without a key no `Authorization` header is sent. */
export class CustomProvider extends OpenAICompatibleProvider {
  constructor(connection: ProviderConnection & { readonly endpoint: string }) {
    super(connection, connection.endpoint, CUSTOM_DIALECT);
  }
}
