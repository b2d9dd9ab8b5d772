import type { ProviderError } from '../../errors/provider.error.js';
import type { ChatAdapter } from '../../interfaces/ai-adapter.interface.js';
import { BaseAIProvider } from '../base-ai.provider.js';
import type { ProbeRequest, ProviderConnection } from '../base-ai.provider.js';
import { VendorChat } from '../chat/vendor-chat.js';
import type { VendorRefusal } from '../refusals/vendor-refusal.js';
import type { ChatDialect } from './chat/chat.dialect.js';
import { OpenAIChatProtocol } from './chat/openai-chat.protocol.js';
import { OpenAIClient, openAISender } from './openai.client.js';
import { toError } from './to-error.js';

/** Lists the models. Compatible servers that lack the list count as reachable. */
const PROBE: ProbeRequest = {
  path: '/models',
  passing: new Set(['model_not_found', 'invalid_request', 'rate_limited']),
};

/** A server that speaks OpenAI's API, in one of its dialects. */
export abstract class OpenAICompatibleProvider extends BaseAIProvider {
  readonly chat: ChatAdapter;

  constructor(connection: ProviderConnection, baseUrl: string, dialect: ChatDialect) {
    const sender = openAISender(connection, baseUrl);
    super(connection, sender, PROBE);
    const target = { type: dialect.type, endpoint: connection.endpoint };
    const client = new OpenAIClient(sender, baseUrl);
    const protocol = new OpenAIChatProtocol(client, dialect, target, new URL(baseUrl).hostname);
    this.chat = new VendorChat(protocol, this.failures);
  }

  protected override toError(refusal: VendorRefusal): ProviderError {
    return toError(refusal, Date.now());
  }
}
