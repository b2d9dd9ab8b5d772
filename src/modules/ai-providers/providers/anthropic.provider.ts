import type { Refused } from '../dialects/fit.js';
import type { ProviderError } from '../errors/provider.error.js';
import type { ProviderAnswer, ProviderCall } from '../interfaces/ai-adapter.interface.js';
import { checkedAnswer, CheckedReader } from './anthropic/chat/structured/answer-check.js';
import { AnswerForms } from './anthropic/chat/structured/answer-form.js';
import { AnswerToolReader, unwrapAnswer } from './anthropic/chat/structured/answer-tool.reader.js';
import { fromResponse } from './anthropic/chat/from-response.js';
import { ANTHROPIC_BASE_URL, LeanAnthropic } from './anthropic/lean-client.js';
import { refusedOfAnthropic } from './anthropic/chat/own-choices.js';
import { AnthropicStreamReader } from './anthropic/chat/stream-reader.js';
import { toError } from './anthropic/to-error.js';
import { toRequest } from './anthropic/chat/to-request.js';
import type { AnthropicRequest } from './anthropic/chat/request.js';
import { BaseAIProvider } from './base-ai.provider.js';
import type { ProviderConnection } from './base-ai.provider.js';
import { ANTHROPIC_ID } from './history/call-ids.js';
import type { HistoryRules } from './history/fit-history.js';
import type { RefusalWords } from './refusals/refusal-words.js';
import { discardBody } from './answers/response-body.js';
import type { StreamReader } from './streams/stream-reader.js';
import { VendorRefusal } from './refusals/vendor-refusal.js';

export { ANTHROPIC_BASE_URL };

/**
 * Claude by Anthropic's Messages API. Calls go by the SDK's `post`, not its `messages.create`: that one writes warnings
 * about retiring models to the console and refuses long plain answers.
 */
export class AnthropicProvider extends BaseAIProvider<AnthropicRequest> {
  private readonly client: LeanAnthropic;
  private readonly forms = new AnswerForms();

  constructor(connection: ProviderConnection) {
    super(connection);
    this.client = new LeanAnthropic(connection.endpoint, this.apiKey, this.fetch);
  }

  protected override toRequest(call: ProviderCall, stream: boolean, refused: Refused): AnthropicRequest {
    return toRequest(call, stream, refused, this.forms.of(call));
  }

  protected override refusedOf(
    said: RefusalWords,
    call: ProviderCall,
    _stream: boolean,
    refused: Refused,
  ): Refused | undefined {
    return refusedOfAnthropic(said, call, refused);
  }

  protected override historyRules(): HistoryRules {
    return { callIds: ANTHROPIC_ID, refusesBlank: true, wantsReasoning: true, systemIsApart: true };
  }

  protected override learn(refusal: ProviderError, call: ProviderCall): boolean {
    return super.learn(refusal, call) || this.forms.learn(refusal, call);
  }

  protected override post(body: AnthropicRequest, _stream: boolean, signal: AbortSignal): Promise<Response> {
    return this.client.post('/v1/messages', { body, signal }).asResponse();
  }

  protected override fromResponse(json: unknown, call: ProviderCall): ProviderAnswer {
    const { tool, check } = this.forms.of(call);
    const said = fromResponse(json, call);
    const answer = tool ? unwrapAnswer(said, tool) : said;
    return check ? checkedAnswer(answer, check) : answer;
  }

  protected override createReader(call: ProviderCall): StreamReader {
    const { tool, check } = this.forms.of(call);
    const said = new AnthropicStreamReader(call);
    const reader = tool ? new AnswerToolReader(said, tool) : said;
    return check ? new CheckedReader(reader, check) : reader;
  }

  protected override toError(refusal: VendorRefusal): ProviderError {
    return toError(refusal, Date.now());
  }

  /**
   * `GET /v1/models`: checks the key, spends no tokens (https://platform.claude.com/docs/en/api/models-list). A compatible
   * server without the list, and one that is asked too often, count as reachable.
   */
  protected override async ask(signal: AbortSignal): Promise<void> {
    try {
      discardBody(await this.client.get('/v1/models?limit=1', { signal }).asResponse());
    } catch (error) {
      if (!(error instanceof VendorRefusal)) throw error;
      const { fault } = this.toError(error);
      if (fault !== 'model_not_found' && fault !== 'rate_limited') throw error;
    }
  }
}
