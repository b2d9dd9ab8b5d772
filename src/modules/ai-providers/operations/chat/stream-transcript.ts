import { joinLogprobs } from '../../dialects/logprobs.js';
import type { ProviderCall, StreamPart } from '../../interfaces/ai-adapter.interface.js';
import type {
  CompletionChunk,
  CompletionDelta,
  ToolCallDelta,
} from '../../interfaces/completion.interface.js';
import type { JsonFields, ToolCall } from '../../interfaces/message.interface.js';
import { GrowingText } from './growing-text.js';

/** The part that ends a stream. */
export type FinishPart = Extract<StreamPart, { type: 'finish' }>;

/** A tool call as far as it has come. */
interface HeldCall {
  id: string;
  name: string;
  custom: true | undefined;
  text: GrowingText;
}

/** How far a stream had come: characters of its texts, and of the arguments of each of its tool calls. */
export interface TranscriptPosition {
  readonly text: number;
  readonly reasoning: number;
  readonly refusal: number;
  readonly calls: readonly number[];
}

const BEGINNING: TranscriptPosition = { text: 0, reasoning: 0, refusal: 0, calls: [] };

/** What a caller has received of a streamed answer, over all the tries it came from. */
export class StreamTranscript {
  private readonly said: GrowingText;
  private readonly thought: GrowingText;
  private readonly refused: GrowingText;
  private readonly calls: HeldCall[] = [];
  private named = '';
  private hasSpoken = false;
  private hidesReasoning = false;
  /** In OpenAI's form, as in `CompletionSummary`. */
  logprobs: JsonFields | undefined;
  around: JsonFields | undefined;
  beside: JsonFields | undefined;

  /** @param holdMore whether so many characters more may be held than a few of each text */
  constructor(
    private readonly id: string,
    holdMore?: (characters: number) => boolean,
  ) {
    this.said = new GrowingText(undefined, holdMore);
    this.thought = new GrowingText(undefined, holdMore);
    this.refused = new GrowingText(undefined, holdMore);
  }

  /** A try's parts come next; `model` is what it was asked for. */
  begin({ model, reasoning }: Pick<ProviderCall, 'model' | 'reasoning'>): void {
    this.named = model;
    this.hidesReasoning = reasoning?.exclude ?? false;
    this.hasSpoken = false;
  }

  /** The model as the vendor that answers now named it before it said anything; the one asked for where it did not. */
  get model(): string {
    return this.named;
  }

  /** The chunks that `parts` make, and the finish if it is among them; what stands behind it is not read. */
  take(parts: readonly StreamPart[]): { chunks: CompletionChunk[]; finish: FinishPart | undefined } {
    const chunks: CompletionChunk[] = [];
    for (const part of parts) {
      if (part.type === 'finish') return { chunks, finish: part };
      const chunk = this.chunkOf(part);
      if (chunk) chunks.push(chunk);
    }
    return { chunks, finish: undefined };
  }

  /** Whether only the beginning of its text, of its reasoning or of its refusal is held. */
  get isTooLong(): boolean {
    return !this.said.isWhole || !this.thought.isWhole || !this.refused.isWhole;
  }

  /** Whether it will soon hold no more. */
  get isNearlyFull(): boolean {
    return this.said.isNearlyFull || this.thought.isNearlyFull || this.refused.isNearlyFull;
  }

  beginning(): TranscriptPosition {
    return BEGINNING;
  }

  position(): TranscriptPosition {
    return {
      text: this.said.length,
      reasoning: this.thought.length,
      refusal: this.refused.length,
      calls: this.calls.length === 0 ? BEGINNING.calls : this.calls.map((call) => call.text.length),
    };
  }

  /** All that came from one position to another, in as few chunks as say it. */
  between(from: TranscriptPosition, to: TranscriptPosition): CompletionDelta[] {
    const { id, named: model } = this;
    const chunks: CompletionDelta[] = [];
    const reasoning = this.thought.between(from.reasoning, to.reasoning);
    if (reasoning !== '') chunks.push({ id, content: '', done: false, model, reasoning });
    const content = this.said.between(from.text, to.text);
    if (content !== '') chunks.push({ id, content, done: false, model });
    const refusal = this.refused.between(from.refusal, to.refusal);
    if (refusal !== '') chunks.push({ id, content: '', done: false, model, refusal });
    to.calls.forEach((length, index) => {
      const call = this.calls[index];
      const delta = call && callBetween(call, index, from.calls[index], length);
      if (delta) chunks.push({ id, content: '', done: false, model, toolCallDelta: delta });
    });
    return chunks;
  }

  get text(): string {
    return this.said.toString();
  }

  get reasoning(): string {
    return this.thought.toString();
  }

  get refusal(): string {
    return this.refused.toString();
  }

  /** The tools the model asked for, whole. */
  get toolCalls(): ToolCall[] | undefined {
    if (this.calls.length === 0) return undefined;
    return this.calls.map(({ id, name, custom, text }) => ({
      id,
      name,
      arguments: text.toString(),
      ...(custom && { custom }),
    }));
  }

  /** Only text can be gone on with by another try: a second reasoning, refusal or tool call would not be the same one. */
  get isTextOnly(): boolean {
    const hasMore = this.beside !== undefined || this.logprobs !== undefined;
    return !hasMore && this.calls.length === 0 && this.thought.length === 0 && this.refused.length === 0;
  }

  private chunkOf(part: Exclude<StreamPart, FinishPart>): CompletionChunk | null {
    const { id, named: model } = this;
    switch (part.type) {
      case 'text':
        this.hasSpoken = true;
        this.said.add(part.text);
        return this.withLogprobs({ id, content: part.text, done: false, model }, part.logprobs);
      case 'reasoning':
        this.hasSpoken = true;
        if (this.hidesReasoning) return null;
        this.thought.add(part.text);
        return { id, content: '', done: false, model, reasoning: part.text };
      case 'refusal':
        this.hasSpoken = true;
        this.refused.add(part.text);
        return this.withLogprobs({ id, content: '', done: false, model, refusal: part.text }, part.logprobs);
      case 'tool_call':
        this.hasSpoken = true;
        this.addToolCall(part.delta);
        return this.withLogprobs(
          { id, content: '', done: false, model, toolCallDelta: part.delta },
          part.logprobs,
        );
      case 'beside':
        if (part.answer) this.around = { ...this.around, ...part.answer };
        if (part.message === undefined) return null;
        this.hasSpoken = true;
        this.beside = { ...this.beside, ...part.message };
        return { id, content: '', done: false, model, providerData: { openai: part.message } };
      case 'start':
        if (!this.hasSpoken) this.named = part.model ?? this.named;
        return null;
      case 'usage':
      case 'alive':
      case 'refused':
      case 'sign_of_life':
      case 'malformed':
        return null;
    }
  }

  private withLogprobs(chunk: CompletionDelta, logprobs: JsonFields | undefined): CompletionDelta {
    if (logprobs === undefined) return chunk;
    this.logprobs = joinLogprobs(this.logprobs, logprobs);
    return { ...chunk, logprobs };
  }

  /** Pieces come in canonical form: a call's first one has its id and name. How much they hold the adapter bounds. */
  private addToolCall({ index, id = '', name = '', custom, arguments: piece }: ToolCallDelta): void {
    let call = this.calls[index];
    if (call === undefined) this.calls.push((call = { id, name, custom, text: new GrowingText(Infinity) }));
    call.text.add(piece);
  }
}

/** What came of a tool call between two lengths of its arguments; `from` undefined: nothing was known of it. */
function callBetween(
  { id, name, text }: HeldCall,
  index: number,
  from: number | undefined,
  to: number,
): ToolCallDelta | null {
  if (from === undefined) return { index, id, name, arguments: text.between(0, to) };
  return from < to ? { index, arguments: text.between(from, to) } : null;
}
