import type { StreamPart } from '../../interfaces/ai-adapter.interface.js';
import { asObject, asText, parseObject } from '../json-value.js';
import type { JsonObject } from '../json-value.js';
import type { SseEvent, StreamReader } from '../stream-reader.js';
import { readCandidate } from './candidate.js';
import type { Said, Saying } from './candidate.js';
import { toFinishReason, toUsage } from './outcome.js';
import { errorFromBody } from './to-error.js';

/**
 * Reads Gemini's stream (https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent). Every event is
 * a response of its own; the last carries the finish reason and the usage of all, and no sentinel follows.
 *
 * Models up to 1.5, and some servers that translate other dialects, say `STOP` in every event or in empty ones at the
 * beginning. So `STOP` is believed at once only after an event that said something without it; otherwise the end of the
 * stream decides, and text that follows takes the word back.
 */
export class GeminiStreamReader implements StreamReader {
  private usage: JsonObject = {};
  /** Whether that usage came with the finish reason or after it: an earlier one is a state of things. */
  private usageIsFinal = false;
  private calls = 0;
  private started = false;
  private finished = false;
  private saidWithoutReason = false;
  private heldReason: string | undefined;

  get ending(): boolean {
    return !this.finished && this.believed();
  }

  read(event: SseEvent): StreamPart[] {
    if (this.finished) return [];
    const response = parseObject(event.data);
    if (!response) return [{ type: 'malformed' }];
    if ('error' in response) throw errorFromBody(response);
    const said = readCandidate(response, this.calls);
    if (!said) return [{ type: 'malformed' }];
    const parts = [...this.start(response), ...said.sayings.map((saying) => this.toPart(saying))];
    const metadata = asObject(response['usageMetadata']);
    if (metadata) this.usage = metadata;
    if (said.blockReason !== undefined) return [...parts, this.finish(said.blockReason, true)];
    this.weigh(said);
    if (metadata) this.usageIsFinal = this.heldReason !== undefined;
    if (metadata && this.believed()) return [...parts, ...this.end()];
    if (metadata) parts.push({ type: 'usage', usage: toUsage(metadata, false) });
    return parts.length > 0 ? parts : [{ type: 'alive' }];
  }

  end(): StreamPart[] {
    return this.finished || this.heldReason === undefined ? [] : [this.finish(this.heldReason, false)];
  }

  private weigh({ finishReason, sayings }: Said): void {
    if (finishReason !== undefined) {
      this.heldReason = finishReason;
    } else if (sayings.length > 0) {
      this.saidWithoutReason = true;
      this.heldReason = undefined;
    }
  }

  private believed(): boolean {
    return this.heldReason !== undefined && (this.saidWithoutReason || this.heldReason !== 'STOP');
  }

  private start(response: JsonObject): StreamPart[] {
    const id = asText(response['responseId']);
    const model = asText(response['modelVersion']);
    if (this.started || (id === undefined && model === undefined)) return [];
    this.started = true;
    return [{ type: 'start', id, model }];
  }

  private toPart(saying: Saying): StreamPart {
    if (saying.type !== 'tool_call') return saying;
    return { type: 'tool_call', delta: { index: this.calls++, ...saying.call } };
  }

  private finish(reason: string, blocked: boolean): StreamPart {
    this.finished = true;
    return {
      type: 'finish',
      finishReason: blocked ? 'content_filter' : toFinishReason(reason, this.calls > 0),
      rawFinishReason: reason,
      usage: toUsage(this.usage, blocked || this.usageIsFinal),
    };
  }
}
