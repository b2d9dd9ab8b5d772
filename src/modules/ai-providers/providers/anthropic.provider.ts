import type { ProviderError } from '../errors/provider.error.js';
import type { ProviderAnswer, ProviderCall } from '../interfaces/ai-adapter.interface.js';
import { fromResponse } from './anthropic/from-response.js';
import { ANTHROPIC_BASE_URL, LeanAnthropic } from './anthropic/lean-client.js';
import { narrowSampling, ruleFromRefusal } from './anthropic/sampling.js';
import type { SamplingRule } from './anthropic/sampling.js';
import { AnthropicStreamReader } from './anthropic/stream-reader.js';
import { toError } from './anthropic/to-error.js';
import { toRequest } from './anthropic/to-request.js';
import type { AnthropicRequest } from './anthropic/to-request.js';
import { BaseAIProvider } from './base-ai.provider.js';
import type { ProviderConnection } from './base-ai.provider.js';
import { ANTHROPIC_ID } from './history/call-ids.js';
import type { HistoryRules } from './history/fit-history.js';
import { discardBody } from './response-body.js';
import type { StreamReader } from './stream-reader.js';
import { VendorRefusal } from './vendor-refusal.js';

export { ANTHROPIC_BASE_URL };

/**
 * Claude by Anthropic's Messages API. Calls go by the SDK's `post`, not its `messages.create`: that one writes warnings
 * about retiring models to the console and refuses long plain answers.
 */
export class AnthropicProvider extends BaseAIProvider<AnthropicRequest> {
  private readonly client: LeanAnthropic;
  /** What a model refused, where its name did not tell. */
  private readonly learned = new Map<string, SamplingRule>();

  constructor(connection: ProviderConnection) {
    super(connection);
    this.client = new LeanAnthropic(connection.endpoint, this.apiKey, this.fetch);
  }

  protected override toRequest(call: ProviderCall, stream: boolean): AnthropicRequest {
    return toRequest(call, stream, this.learned.get(call.model));
  }

  protected override historyRules(): HistoryRules {
    return { callIds: ANTHROPIC_ID, refusesBlank: true, systemIsApart: true };
  }

  /** A refusal of the sampling parameters is learned from, and the request sent once more without them. */
  protected override async post(
    body: AnthropicRequest,
    _stream: boolean,
    signal: AbortSignal,
  ): Promise<Response> {
    try {
      return await this.send(body, signal);
    } catch (error) {
      const narrowed = this.learnFrom(error, body);
      if (!narrowed) throw error;
      return await this.send(narrowed, signal);
    }
  }

  protected override fromResponse(json: unknown, call: ProviderCall): ProviderAnswer {
    return fromResponse(json, call);
  }

  protected override createReader(call: ProviderCall): StreamReader {
    return new AnthropicStreamReader(call);
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

  private send(body: AnthropicRequest, signal: AbortSignal): Promise<Response> {
    return this.client.post('/v1/messages', { body, signal }).asResponse();
  }

  /** The body as the model takes it; undefined where the error is about something else. */
  private learnFrom(error: unknown, body: AnthropicRequest): AnthropicRequest | undefined {
    const { temperature, top_p, top_k, ...rest } = body;
    const sent = [temperature, top_p, top_k].filter((value) => value !== undefined).length;
    if (sent === 0 || !(error instanceof VendorRefusal) || error.status !== 400) return undefined;
    const rule = ruleFromRefusal(error.said.message ?? '');
    if (!rule) return undefined;
    const sampling = narrowSampling({ temperature, top_p, top_k }, rule);
    if (Object.keys(sampling).length === sent) return undefined;
    this.learned.set(body.model, rule);
    return { ...rest, ...sampling };
  }
}
