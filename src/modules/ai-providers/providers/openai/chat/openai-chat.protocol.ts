import type { DialectTarget, Refused } from '../../../dialects/fit.js';
import { reasoningBack } from '../../../dialects/history-reasoning.js';
import type { ProviderAnswer, ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { CancelSignal } from '../../../interfaces/cancel-signal.interface.js';
import type { ChatProtocol } from '../../chat/chat.protocol.js';
import { isMistral, MISTRAL_ID } from '../../chat/history/call-ids.js';
import type { HistoryRules } from '../../chat/history/fit-history.js';
import type { StreamReader } from '../../chat/streams/stream-reader.js';
import type { RefusalWords } from '../../refusals/refusal-words.js';
import type { OpenAIClient } from '../openai.client.js';
import type { ChatDialect } from './chat.dialect.js';
import { fromResponse } from './from-response.js';
import { refusedOfChat } from './own-choices.js';
import type { ChatRequest } from './request.js';
import { ChatStreamReader } from './stream-reader.js';
import { toRequest } from './to-request.js';

/** OpenAI's Chat Completions, in one of its servers' dialects. */
export class OpenAIChatProtocol implements ChatProtocol<ChatRequest> {
  constructor(
    private readonly client: OpenAIClient,
    private readonly dialect: ChatDialect,
    private readonly target: DialectTarget,
    /** The server's name. */
    private readonly host: string,
  ) {}

  historyRules(model: string): HistoryRules {
    return {
      callIds: isMistral(model, this.host) ? MISTRAL_ID : this.dialect.callIds,
      wantsReasoning: reasoningBack(this.target, model)?.always === true,
    };
  }

  toRequest(call: ProviderCall, stream: boolean, refused: Refused): ChatRequest {
    return toRequest(call, stream, this.target, refused);
  }

  post(body: ChatRequest, _stream: boolean, signal: CancelSignal): Promise<Response> {
    return this.client.chat.completions.create(body, { signal: signal as AbortSignal }).asResponse();
  }

  fromResponse(json: unknown, call: ProviderCall): ProviderAnswer {
    return fromResponse(json, call);
  }

  createReader(call: ProviderCall): StreamReader {
    return new ChatStreamReader(this.dialect, call);
  }

  refusedOf(said: RefusalWords, call: ProviderCall, stream: boolean, refused: Refused): Refused | undefined {
    return refusedOfChat(said, call, stream, this.target, refused);
  }
}
