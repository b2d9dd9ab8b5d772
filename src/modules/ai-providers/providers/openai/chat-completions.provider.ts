import type { ProviderAnswer, ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { ProviderError } from '../../errors/provider.error.js';
import type { Fault } from '../../interfaces/attempt.interface.js';
import { BaseAIProvider } from '../base-ai.provider.js';
import type { ProviderConnection } from '../base-ai.provider.js';
import { isMistral, MISTRAL_ID } from '../history/call-ids.js';
import type { HistoryRules } from '../history/fit-history.js';
import { discardBody } from '../answers/response-body.js';
import type { StreamReader } from '../streams/stream-reader.js';
import { VendorRefusal } from '../refusals/vendor-refusal.js';
import { reasoningBack } from '../../dialects/history-reasoning.js';
import type { DialectTarget, Refused } from '../../dialects/fit.js';
import type { RefusalWords } from '../refusals/refusal-words.js';
import type { ChatDialect } from './dialect.js';
import { fromResponse } from './chat/from-response.js';
import { LeanOpenAI } from './lean-client.js';
import { ChatStreamReader } from './chat/stream-reader.js';
import { refusedOfChat } from './chat/own-choices.js';
import { toError } from './to-error.js';
import { toRequest } from './chat/to-request.js';
import type { ChatRequest } from './chat/request.js';

/** Answers to a probe that still show a server which takes the key: no such route, or asked too often. */
const PASSING: ReadonlySet<Fault> = new Set(['model_not_found', 'invalid_request', 'rate_limited']);

/** A server that speaks OpenAI's Chat Completions, in one of its dialects. */
export abstract class ChatCompletionsProvider extends BaseAIProvider<ChatRequest> {
  private readonly client: LeanOpenAI;
  private readonly dialect: ChatDialect;
  private readonly host: string;
  private readonly target: DialectTarget;

  constructor(connection: ProviderConnection, baseUrl: string, dialect: ChatDialect) {
    super(connection);
    const url = new URL(baseUrl);
    const { apiKey, authHeader } = connection;
    this.client = new LeanOpenAI(url, apiKey, this.fetch, authHeader);
    this.dialect = dialect;
    this.target = { type: dialect.type, endpoint: connection.endpoint };
    this.host = url.hostname;
  }

  protected override toRequest(call: ProviderCall, stream: boolean, refused: Refused): ChatRequest {
    return toRequest(call, stream, this.target, refused);
  }

  protected override refusedOf(
    said: RefusalWords,
    call: ProviderCall,
    stream: boolean,
    refused: Refused,
  ): Refused | undefined {
    return refusedOfChat(said, call, stream, this.target, refused);
  }

  protected override historyRules(model: string): HistoryRules {
    return {
      callIds: isMistral(model, this.host) ? MISTRAL_ID : this.dialect.callIds,
      wantsReasoning: reasoningBack(this.target, model)?.always === true,
    };
  }

  protected override post(body: ChatRequest, _stream: boolean, signal: AbortSignal): Promise<Response> {
    return this.client.chat.completions.create(body, { signal }).asResponse();
  }

  protected override fromResponse(json: unknown, call: ProviderCall): ProviderAnswer {
    return fromResponse(json, call);
  }

  protected override createReader(call: ProviderCall): StreamReader {
    return new ChatStreamReader(this.dialect, call);
  }

  protected override toError(refusal: VendorRefusal): ProviderError {
    return toError(refusal, Date.now());
  }

  /** Lists the models, which spends nothing. Compatible servers that lack the list count as reachable. */
  protected override async ask(signal: AbortSignal): Promise<void> {
    try {
      discardBody(await this.client.get('/models', { signal }).asResponse());
    } catch (error) {
      if (!(error instanceof VendorRefusal) || !PASSING.has(this.toError(error).fault)) throw error;
    }
  }
}
