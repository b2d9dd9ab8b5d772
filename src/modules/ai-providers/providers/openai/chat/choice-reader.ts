import type { ProviderCall, StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import type { JsonFields } from '../../../interfaces/message.interface.js';
import type { ReportedUsage } from '../../../interfaces/usage.interface.js';
import { AnswerEnding, type EndState } from '../../chat/answers/answer-ending.js';
import { attachLogprobs } from '../../chat/answers/attach-logprobs.js';
import { endWordOf } from '../../chat/answers/finish-reason.js';
import { asArray, asObject, asText } from '../../wire/json-value.js';
import type { JsonObject } from '../../wire/json-value.js';
import { ToolCallAssembler } from '../../chat/answers/tool-calls.js';
import { readSaid } from './content.js';

/** Which choice's text, reasoning and refusal are handed out: those of several choices are alternatives. */
interface Speakers {
  text?: string;
  reasoning?: string;
  refusal?: string;
}

/**
 * Reads the choices of an answer, plain or streamed alike. Where one answer is asked for, the choices together are it: the
 * calls of all, the text of the first that has one.
 */
export class ChoiceReader {
  /** Whether a text, a refusal or a call was said. */
  hasAnswer = false;
  private readonly ending = new AnswerEnding();
  private readonly speakers: Speakers = {};
  private calls: ToolCallAssembler | undefined;

  /** @param conversation the turns that the answer follows */
  constructor(private readonly conversation: ProviderCall['messages']) {}

  get state(): EndState {
    return this.ending.state;
  }

  get hasWord(): boolean {
    return this.ending.hasWord;
  }

  /** Appends what the choices of one event, or of a whole answer, say. */
  read(choices: unknown[], parts: StreamPart[]): void {
    // A message in a stream is a whole answer in one event, or else a summary of what was streamed.
    const isFresh = !this.hasAnswer;
    for (let at = 0; at < choices.length; at++) {
      const choice = asObject(choices[at]);
      if (choice) this.readChoice(choice, speakerOf(choice, at), isFresh, parts);
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

  private readChoice(choice: JsonObject, speaker: string, isFresh: boolean, parts: StreamPart[]): void {
    const before = parts.length;
    const delta = asObject(choice.delta);
    const message = delta === undefined && isFresh ? asObject(choice.message) : undefined;
    if (delta) this.readSaid(delta, speaker, false, parts);
    else if (message) this.readSaid(message, speaker, true, parts);
    const logprobs = asObject(choice.logprobs);
    if (logprobs) attachLogprobs(logprobs, parts, before);
    this.ending.note(speaker, parts.length > before, endWordOf(choice.finish_reason ?? choice.finishReason));
  }

  private readSaid(message: JsonObject, speaker: string, isWhole: boolean, parts: StreamPart[]): void {
    const { text, reasoning, refusal } = readSaid(message);
    const beside = besideOf(message);
    if (reasoning && this.speaks('reasoning', speaker)) parts.push({ type: 'reasoning', text: reasoning });
    const before = parts.length;
    if (text && this.speaks('text', speaker)) parts.push({ type: 'text', text });
    if (beside !== undefined) parts.push({ type: 'beside', message: beside });
    if (refusal && this.speaks('refusal', speaker)) parts.push({ type: 'refusal', text: refusal });
    const calls = asArray(message.tool_calls);
    if (calls.length > 0) this.readCalls(calls, speaker, isWhole, parts);
    // OpenAI's form from before there were several calls, one without an id.
    else if (message.function_call)
      this.readCalls([message.function_call], `${speaker}:legacy`, isWhole, parts);
    if (parts.length > before) this.hasAnswer = true;
  }

  private speaks(kind: keyof Speakers, speaker: string): boolean {
    return (this.speakers[kind] ??= speaker) === speaker;
  }

  private readCalls(calls: unknown[], speaker: string, isWhole: boolean, parts: StreamPart[]): void {
    this.calls ??= new ToolCallAssembler(this.conversation);
    for (let at = 0; at < calls.length; at++) {
      const call = asObject(calls[at]);
      const custom = asObject(call?.custom);
      const { name, arguments: args } = asObject(call?.function) ?? custom ?? call ?? {};
      // Several pieces in one event are distinguished by their places where they have no index.
      const place = calls.length > 1 ? `#${at}` : undefined;
      const piece = {
        index: indexIn(speaker, call?.index ?? place),
        id: call?.id,
        name,
        arguments: custom ? custom.input : args,
        custom: custom !== undefined,
      };
      const deltas = isWhole ? this.calls.open(piece) : this.calls.add(piece);
      for (const delta of deltas) parts.push({ type: 'tool_call', delta });
    }
  }
}

/** What a message has beyond our words. */
function besideOf(message: JsonObject): JsonFields | undefined {
  let beside: Record<string, unknown> | undefined;
  const { annotations, audio } = message;
  if (Array.isArray(annotations) && annotations.length > 0) beside = { annotations };
  if (asObject(audio)) beside = { ...beside, audio };
  return beside;
}

/** A choice is identified by its own index, or by its place where it has none. */
function speakerOf(choice: JsonObject, at: number): string {
  return typeof choice.index === 'number' ? String(choice.index) : (asText(choice.index) ?? String(at));
}

/** Each choice numbers its calls by itself. */
function indexIn(speaker: string, index: unknown): string | undefined {
  const isHint = typeof index === 'number' || (typeof index === 'string' && index !== '');
  return isHint ? `${speaker}:${index}` : undefined;
}
