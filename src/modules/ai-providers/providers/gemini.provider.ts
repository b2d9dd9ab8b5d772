import type { ProviderError } from '../errors/provider.error.js';
import type { ChatAdapter } from '../interfaces/ai-adapter.interface.js';
import { BaseAIProvider } from './base-ai.provider.js';
import type { ProbeRequest, ProviderConnection } from './base-ai.provider.js';
import { VendorChat } from './chat/vendor-chat.js';
import { GeminiChatProtocol } from './gemini/chat/gemini-chat.protocol.js';
import { geminiClient } from './gemini/gemini.client.js';
import { toError } from './gemini/to-error.js';
import type { VendorRefusal } from './refusals/vendor-refusal.js';

/** https://ai.google.dev/api/models#method:-models.list. A gateway without the list counts as reachable. */
const PROBE: ProbeRequest = {
  path: '/v1beta/models?pageSize=1',
  passing: new Set(['model_not_found', 'rate_limited']),
};

/** Gemini by its REST API, v1beta. See docs/decisions/0001-gemini-transport.md. */
export class GeminiProvider extends BaseAIProvider {
  readonly chat: ChatAdapter;

  constructor(connection: ProviderConnection) {
    const client = geminiClient(connection);
    super(connection, client, PROBE);
    this.chat = new VendorChat(new GeminiChatProtocol(client), this.failures);
  }

  protected override toError(refusal: VendorRefusal): ProviderError {
    return toError(refusal, Date.now());
  }
}
