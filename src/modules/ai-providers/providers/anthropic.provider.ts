import type { ProviderError } from '../errors/provider.error.js';
import type { ChatAdapter } from '../interfaces/ai-adapter.interface.js';
import { AnthropicClient, anthropicSender } from './anthropic/anthropic.client.js';
import { AnthropicChatProtocol } from './anthropic/chat/anthropic-chat.protocol.js';
import { toError } from './anthropic/to-error.js';
import { BaseAIProvider } from './base-ai.provider.js';
import type { ProbeRequest, ProviderConnection } from './base-ai.provider.js';
import { VendorChat } from './chat/vendor-chat.js';
import type { VendorRefusal } from './refusals/vendor-refusal.js';

/** https://platform.claude.com/docs/en/api/models-list. A compatible server without the list counts as reachable. */
const PROBE: ProbeRequest = {
  path: '/v1/models?limit=1',
  passing: new Set(['model_not_found', 'rate_limited']),
};

/** Claude by Anthropic's API. */
export class AnthropicProvider extends BaseAIProvider {
  readonly chat: ChatAdapter;

  constructor(connection: ProviderConnection) {
    const sender = anthropicSender(connection);
    super(connection, sender, PROBE);
    const client = new AnthropicClient(sender);
    this.chat = new VendorChat(new AnthropicChatProtocol(client), this.failures);
  }

  protected override toError(refusal: VendorRefusal): ProviderError {
    return toError(refusal, Date.now());
  }
}
