import type { ProviderCall, StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import type { ReportedUsage } from '../../../interfaces/usage.interface.js';
import { AnswerEnding, type EndState } from '../../chat/answers/answer-ending.js';
import { attachLogprobs } from '../../chat/answers/attach-logprobs.js';
import { endWordOf } from '../../chat/answers/finish-reason.js';
import { asArray, asObject, asText } from '../../wire/json-value.js';
import type { JsonObject } from '../../wire/json-value.js';
import { ToolCallAssembler } from '../../chat/answers/tool-calls.js';
import { toLogprobs } from './logprobs.js';

/**
 * Reads the candidates of a `GenerateContentResponse` (https://ai.google.dev/api/generate-content#generatecontentresponse),
 * plain or streamed alike. Where one answer is asked for, the candidates together are it: the calls of all, the text of the
 * first that has one. Parts marked `thought` are summaries of the model's thoughts.
 */
export class CandidateReader {
  private readonly ending = new AnswerEnding();
  private calls: ToolCallAssembler | undefined;
  private speaker: string | undefined;

  /** @param conversation the turns that the answer follows */
  constructor(private readonly conversation: ProviderCall['messages']) {}

  get state(): EndState {
    return this.ending.state;
  }

  get hasWord(): boolean {
    return this.ending.hasWord;
  }

  /** Appends what the candidates of one response say. */
  read(candidates: unknown[], parts: StreamPart[]): void {
    for (let at = 0; at < candidates.length; at++) {
      const candidate = asObject(candidates[at]);
      if (!candidate) continue;
      const speaker = String(typeof candidate.index === 'number' ? candidate.index : at);
      const before = parts.length;
      for (const part of asArray(asObject(candidate.content)?.parts))
        this.readPart(asObject(part), speaker, parts);
      const result = asObject(candidate.logprobsResult);
      const logprobs = result && toLogprobs(result);
      if (logprobs) attachLogprobs(logprobs, parts, before);
      this.ending.note(speaker, parts.length > before, endWordOf(candidate.finishReason));
    }
  }

  noteUsage(): void {
    this.ending.noteUsage();
  }

  /** Appends what completes the calls, and the finish. @throws ProviderError where the answer is none. */
  finish(usage: ReportedUsage, parts: StreamPart[]): void {
    for (const delta of this.calls?.end() ?? []) parts.push({ type: 'tool_call', delta });
    parts.push(this.ending.finish(usage, this.calls));
  }

  private readPart(part: JsonObject | undefined, speaker: string, parts: StreamPart[]): void {
    const text = asText(part?.text);
    if (text !== undefined && (this.speaker ??= speaker) === speaker) {
      parts.push({ type: part?.thought === true ? 'reasoning' : 'text', text });
    }
    const call = asObject(part?.functionCall);
    if (call === undefined) return;
    this.calls ??= new ToolCallAssembler(this.conversation);
    for (const delta of this.calls.open({ id: call.id, name: call.name, arguments: call.args ?? '{}' })) {
      parts.push({ type: 'tool_call', delta });
    }
  }
}

/** Why the prompt was refused; then nothing was said. */
export function blockReasonOf(response: JsonObject): string | undefined {
  return asText(asObject(response.promptFeedback)?.blockReason);
}
