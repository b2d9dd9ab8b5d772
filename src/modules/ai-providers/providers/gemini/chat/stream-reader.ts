import type { ProviderCall, StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import type { EndState } from '../../chat/answers/answer-ending.js';
import { asArray, asObject, asText, parseObject } from '../../wire/json-value.js';
import type { JsonObject } from '../../wire/json-value.js';
import { StreamOpening } from '../../chat/streams/stream-opening.js';
import type { SseEvent, StreamReader } from '../../chat/streams/stream-reader.js';
import { blockReasonOf, CandidateReader } from './candidate-reader.js';
import { toUsage } from './outcome.js';
import { errorFromBody } from '../to-error.js';

/**
 * Reads Gemini's stream (https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent). Every event is
 * a response of its own; the last carries the finish reason and the usage of all, and no sentinel follows.
 *
 * Models up to 1.5, and some servers that translate other dialects, say `STOP` in every event or in empty ones at the
 * beginning; `AnswerEnding` distinguishes these from the last one.
 */
export class GeminiStreamReader implements StreamReader {
  private readonly candidates: CandidateReader;
  private readonly opening = new StreamOpening();
  private metadata: JsonObject = {};
  /** Whether that usage came with the finish reason or after it: an earlier one is a state of things. */
  private isUsageFinal = false;
  private blockReason: string | undefined;

  constructor({ messages }: Pick<ProviderCall, 'messages'>) {
    this.candidates = new CandidateReader(messages);
  }

  get state(): EndState {
    return this.blockReason === undefined ? this.candidates.state : 'complete';
  }

  read({ data }: SseEvent): StreamPart[] {
    // Not Gemini's, but what relays end their streams with.
    if (data.startsWith('[DONE]')) return this.end();
    const response = parseObject(data);
    if (!response) return [{ type: 'malformed' }];
    if ('error' in response) throw errorFromBody(response);
    const candidates = asArray(response.candidates);
    const metadata = asObject(response.usageMetadata);
    const blockReason = candidates.length === 0 ? blockReasonOf(response) : undefined;
    if (candidates.length === 0 && blockReason === undefined && !metadata) return [{ type: 'malformed' }];
    const parts: StreamPart[] = [];
    this.opening.read(asText(response.responseId), asText(response.modelVersion), parts);
    this.candidates.read(candidates, parts);
    this.blockReason ??= blockReason;
    if (metadata) this.learn(metadata, parts);
    return parts.length > 0 ? parts : [{ type: 'alive' }];
  }

  end(): StreamPart[] {
    const usage = toUsage(this.metadata, this.blockReason !== undefined || this.isUsageFinal);
    if (this.blockReason !== undefined) {
      return [{ type: 'finish', finishReason: 'content_filter', rawFinishReason: this.blockReason, usage }];
    }
    if (!this.candidates.hasWord) return [];
    const parts: StreamPart[] = [];
    this.candidates.finish(usage, parts);
    return parts;
  }

  private learn(metadata: JsonObject, parts: StreamPart[]): void {
    this.metadata = metadata;
    this.isUsageFinal = this.candidates.hasWord;
    this.candidates.noteUsage();
    const usage = toUsage(metadata, false);
    if (Object.keys(usage).length > 0) parts.push({ type: 'usage', usage });
  }
}
