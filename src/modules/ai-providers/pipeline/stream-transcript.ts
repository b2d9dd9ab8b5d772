import type { StreamPart } from '../interfaces/ai-adapter.interface.js';
import type { CompletionChunk, ToolCallDelta } from '../interfaces/completion.interface.js';
import type { ToolCall } from '../interfaces/message.interface.js';
import { GrowingText } from './growing-text.js';

/** The part that ends a stream. */
export type FinishPart = Extract<StreamPart, { type: 'finish' }>;

/** What a caller has received of a streamed answer, over all the tries it came from. */
export class StreamTranscript {
  private readonly said = new GrowingText();
  private readonly thought = new GrowingText();
  private readonly calls: ToolCall[] = [];
  /** The model as the vendor that answers now names it. */
  model: string | undefined;

  constructor(private readonly id: string) {}

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

  /** Whether only the beginning of its text or of its reasoning is held. */
  get isTooLong(): boolean {
    return !this.said.isWhole || !this.thought.isWhole;
  }

  get text(): string {
    return this.said.toString();
  }

  get reasoning(): string {
    return this.thought.toString();
  }

  /** The tools the model asked for, whole. */
  get toolCalls(): ToolCall[] | undefined {
    return this.calls.length > 0 ? this.calls.filter(Boolean) : undefined;
  }

  /** Only text can be gone on with by another try: a second reasoning or tool call would not be the same one. */
  get isTextOnly(): boolean {
    return this.calls.length === 0 && this.thought.length === 0;
  }

  private chunkOf(part: Exclude<StreamPart, FinishPart>): CompletionChunk | null {
    switch (part.type) {
      case 'text':
        this.said.add(part.text);
        return { id: this.id, content: part.text, done: false };
      case 'reasoning':
        this.thought.add(part.text);
        return { id: this.id, content: '', done: false, reasoning: part.text };
      case 'tool_call':
        this.addToolCall(part.delta);
        return { id: this.id, content: '', done: false, toolCallDelta: part.delta };
      case 'start':
        this.model = part.model ?? this.model;
        return null;
      case 'usage':
      case 'alive':
      case 'malformed':
        return null;
    }
  }

  private addToolCall({ index, id, name, arguments: fragment }: ToolCallDelta): void {
    const call = (this.calls[index] ??= { id: '', name: '', arguments: '' });
    if (id !== undefined) call.id = id;
    if (name !== undefined) call.name = name;
    call.arguments += fragment;
  }
}
