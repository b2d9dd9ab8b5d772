import type { ProviderConnection } from './base-ai.provider.js';
import { OPENAI_DIALECT } from './openai/chat/chat.dialect.js';
import { OpenAICompatibleProvider } from './openai/openai-compatible.provider.js';

/** https://platform.openai.com/docs/api-reference/introduction */
export const OPENAI_BASE_URL = 'https://api.openai.com/v1';

/** OpenAI itself, or whatever stands at the endpoint in its place. */
export class OpenAIProvider extends OpenAICompatibleProvider {
  constructor(connection: ProviderConnection) {
    super(connection, connection.endpoint ?? OPENAI_BASE_URL, OPENAI_DIALECT);
  }
}
