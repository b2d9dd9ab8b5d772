import type { Refused } from '../dialects/fit.js';
import { ProviderError } from '../errors/provider.error.js';
import type { ProviderAnswer, ProviderCall } from '../interfaces/ai-adapter.interface.js';
import { BaseAIProvider } from './base-ai.provider.js';
import type { ProviderConnection } from './base-ai.provider.js';
import { fromResponse } from './gemini/chat/from-response.js';
import { refusedOfGemini } from './gemini/chat/own-choices.js';
import { SchemaWays } from './gemini/chat/schema/schema-way.js';
import { GeminiStreamReader } from './gemini/chat/stream-reader.js';
import { toError } from './gemini/to-error.js';
import { toRequest } from './gemini/chat/to-request.js';
import type { GeminiRequest } from './gemini/chat/to-request.js';
import { ANY_ID } from './history/call-ids.js';
import type { HistoryRules } from './history/fit-history.js';
import type { RefusalWords } from './refusals/refusal-words.js';
import { discardBody } from './answers/response-body.js';
import { sendCall, type SdkCall } from './wire/sdk-request.js';
import type { StreamReader } from './streams/stream-reader.js';
import { VendorRefusal } from './refusals/vendor-refusal.js';

/** Google's own base URL for the Gemini API. */
export const GEMINI_BASE_URL = 'https://generativelanguage.googleapis.com';

/**
 * Gemini by its REST API, v1beta. The SDK gives the words (types, enums), our transport sends: the SDK knows no
 * fetch but the global one. See docs/decisions/0001-gemini-transport.md.
 */
export class GeminiProvider extends BaseAIProvider<GeminiRequest> {
  private readonly baseUrl: string;
  private readonly baseQuery: [string, string][];
  private readonly schemaWays = new SchemaWays();

  constructor(connection: ProviderConnection) {
    super(connection);
    const endpoint = new URL(connection.endpoint ?? GEMINI_BASE_URL);
    this.baseUrl = geminiBaseUrl(endpoint);
    this.baseQuery = [...endpoint.searchParams];
  }

  protected override toRequest(call: ProviderCall, _stream: boolean, refused: Refused): GeminiRequest {
    return toRequest(call, refused, this.schemaWays.of(call.model));
  }

  protected override refusedOf(
    said: RefusalWords,
    call: ProviderCall,
    _stream: boolean,
    refused: Refused,
  ): Refused | undefined {
    return refusedOfGemini(said, call, refused);
  }

  protected override historyRules(): HistoryRules {
    return { callIds: ANY_ID, wantsReasoning: true, systemIsApart: true };
  }

  protected override learn(refusal: ProviderError, call: ProviderCall): boolean {
    return super.learn(refusal, call) || this.schemaWays.learn(refusal, call);
  }

  protected override post(
    { model, body }: GeminiRequest,
    stream: boolean,
    signal: AbortSignal,
  ): Promise<Response> {
    const task = stream ? 'streamGenerateContent' : 'generateContent';
    const call = { method: 'POST', body, signal };
    return this.call(`/v1beta/${modelPath(model)}:${task}`, stream ? { alt: 'sse' } : {}, call);
  }

  protected override fromResponse(json: unknown, call: ProviderCall): ProviderAnswer {
    return fromResponse(json, call);
  }

  protected override createReader(call: ProviderCall): StreamReader {
    return new GeminiStreamReader(call);
  }

  protected override toError(refusal: VendorRefusal): ProviderError {
    return toError(refusal, Date.now());
  }

  /**
   * `GET /v1beta/models`: checks the key, spends no tokens (https://ai.google.dev/api/models#method:-models.list). A
   * gateway without the list, and one that is asked too often, count as reachable.
   */
  protected override async ask(signal: AbortSignal): Promise<void> {
    try {
      discardBody(await this.call('/v1beta/models', { pageSize: '1' }, { method: 'GET', signal }));
    } catch (error) {
      if (!(error instanceof VendorRefusal)) throw error;
      const { fault } = this.toError(error);
      if (fault !== 'model_not_found' && fault !== 'rate_limited') throw error;
    }
  }

  /** The 2xx answer; throws a `VendorRefusal` otherwise. The key goes in a header, never in the URL. */
  private call(path: string, query: Record<string, string>, call: SdkCall): Promise<Response> {
    const key = this.apiKey?.reveal();
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'ai-providers',
      ...(key !== undefined && { 'x-goog-api-key': key }),
    };
    const search = new URLSearchParams([...this.baseQuery, ...Object.entries(query)]).toString();
    return sendCall(this.fetch, this.baseUrl + path + (search && `?${search}`), call, headers);
  }
}

/** The endpoint without the `/v1beta` that we add, without a slash at its end and without its query. */
function geminiBaseUrl({ origin, pathname }: URL): string {
  return origin + pathname.replace(/\/+$/, '').replace(/\/v1(?:beta)?$/, '');
}

/** As the SDK has it: a name with a slash is a path of its own (`tunedModels/…`), any other one stands under `models`. */
function modelPath(model: string): string {
  const steps = (model.includes('/') ? model : `models/${model}`).split('/');
  // A URL resolves these, whoever wrote them: they would lead out of the base path.
  if (steps.some((step) => step === '' || step === '.' || step === '..')) {
    throw new ProviderError('model_not_found', 'There is no model of that name.');
  }
  return steps.map((step) => encodeURIComponent(step.toWellFormed())).join('/');
}
