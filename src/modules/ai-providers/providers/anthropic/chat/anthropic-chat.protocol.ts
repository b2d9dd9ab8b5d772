import type { Refused } from '../../../dialects/fit.js';
import type { ProviderError } from '../../../errors/provider.error.js';
import type { ProviderAnswer, ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { CancelSignal } from '../../../interfaces/cancel-signal.interface.js';
import type { ChatProtocol } from '../../chat/chat.protocol.js';
import { ANTHROPIC_ID } from '../../chat/history/call-ids.js';
import type { HistoryRules } from '../../chat/history/fit-history.js';
import type { StreamReader } from '../../chat/streams/stream-reader.js';
import type { RefusalWords } from '../../refusals/refusal-words.js';
import type { AnthropicClient } from '../anthropic.client.js';
import { fromResponse } from './from-response.js';
import { refusedOfAnthropic } from './own-choices.js';
import type { AnthropicRequest } from './request.js';
import { AnthropicStreamReader } from './stream-reader.js';
import { checkedAnswer, CheckedReader } from './structured/answer-check.js';
import { AnswerForms } from './structured/answer-form.js';
import { AnswerToolReader, unwrapAnswer } from './structured/answer-tool.reader.js';
import { toRequest } from './to-request.js';

/** Anthropic's Messages API. */
export class AnthropicChatProtocol implements ChatProtocol<AnthropicRequest> {
  private readonly forms = new AnswerForms();

  constructor(private readonly client: AnthropicClient) {}

  historyRules(): HistoryRules {
    return { callIds: ANTHROPIC_ID, wantsReasoning: true, systemIsApart: true };
  }

  toRequest(call: ProviderCall, stream: boolean, refused: Refused): AnthropicRequest {
    return toRequest(call, stream, refused, this.forms.of(call));
  }

  post(body: AnthropicRequest, _stream: boolean, signal: CancelSignal): Promise<Response> {
    return this.client.post('/v1/messages', { body, signal: signal as AbortSignal }).asResponse();
  }

  fromResponse(json: unknown, call: ProviderCall): ProviderAnswer {
    const { tool, check } = this.forms.of(call);
    const said = fromResponse(json, call);
    const answer = tool ? unwrapAnswer(said, tool) : said;
    return check ? checkedAnswer(answer, check) : answer;
  }

  createReader(call: ProviderCall): StreamReader {
    const { tool, check } = this.forms.of(call);
    const said = new AnthropicStreamReader(call);
    const reader = tool ? new AnswerToolReader(said, tool) : said;
    return check ? new CheckedReader(reader, check) : reader;
  }

  refusedOf(said: RefusalWords, call: ProviderCall, _stream: boolean, refused: Refused): Refused | undefined {
    return refusedOfAnthropic(said, call, refused);
  }

  learn(refusal: ProviderError, call: ProviderCall): boolean {
    return this.forms.learn(refusal, call);
  }
}
