import type { Refused } from '../../../dialects/fit.js';
import { ProviderError } from '../../../errors/provider.error.js';
import type { ProviderAnswer, ProviderCall } from '../../../interfaces/ai-adapter.interface.js';
import type { CancelSignal } from '../../../interfaces/cancel-signal.interface.js';
import type { ChatProtocol } from '../../chat/chat.protocol.js';
import { ANY_ID } from '../../chat/history/call-ids.js';
import type { HistoryRules } from '../../chat/history/fit-history.js';
import type { StreamReader } from '../../chat/streams/stream-reader.js';
import type { RefusalWords } from '../../refusals/refusal-words.js';
import type { VendorClient } from '../../wire/vendor.client.js';
import { fromResponse } from './from-response.js';
import { refusedOfGemini } from './own-choices.js';
import { SchemaWays } from './schema/schema-way.js';
import { GeminiStreamReader } from './stream-reader.js';
import { toRequest } from './to-request.js';
import type { GeminiRequest } from './to-request.js';

/** Gemini's `generateContent` and `streamGenerateContent`, v1beta: https://ai.google.dev/api/generate-content */
export class GeminiChatProtocol implements ChatProtocol<GeminiRequest> {
  private readonly schemaWays = new SchemaWays();

  constructor(private readonly client: VendorClient) {}

  historyRules(): HistoryRules {
    return { callIds: ANY_ID, wantsReasoning: true, systemIsApart: true };
  }

  toRequest(call: ProviderCall, _stream: boolean, refused: Refused): GeminiRequest {
    return toRequest(call, refused, this.schemaWays.of(call.model));
  }

  /** Without `alt=sse` a stream comes as one JSON list. */
  post({ model, body }: GeminiRequest, stream: boolean, signal: CancelSignal): Promise<Response> {
    const task = stream ? 'streamGenerateContent?alt=sse' : 'generateContent';
    return this.client.post(`/v1beta/${modelPath(model)}:${task}`, body, signal);
  }

  fromResponse(json: unknown, call: ProviderCall): ProviderAnswer {
    return fromResponse(json, call);
  }

  createReader(call: ProviderCall): StreamReader {
    return new GeminiStreamReader(call);
  }

  refusedOf(said: RefusalWords, call: ProviderCall, _stream: boolean, refused: Refused): Refused | undefined {
    return refusedOfGemini(said, call, refused);
  }

  learn(refusal: ProviderError, call: ProviderCall): boolean {
    return this.schemaWays.learn(refusal, call);
  }
}

/** As the SDK has it: a name with a slash is a path of its own (`tunedModels/…`), any other one stands under `models`. */
function modelPath(model: string): string {
  const steps = (model.includes('/') ? model : `models/${model}`).split('/');
  // A URL resolves these, and would lead out of the base path.
  if (steps.some((step) => step === '' || step === '.' || step === '..')) {
    throw new ProviderError('model_not_found', 'There is no model of that name.');
  }
  return steps.map((step) => encodeURIComponent(step.toWellFormed())).join('/');
}
