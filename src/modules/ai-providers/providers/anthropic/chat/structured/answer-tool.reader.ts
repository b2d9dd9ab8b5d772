import type { ProviderAnswer, StreamPart } from '../../../../interfaces/ai-adapter.interface.js';
import type { EndState } from '../../../chat/answers/answer-ending.js';
import type { SseEvent, StreamReader } from '../../../chat/streams/stream-reader.js';
import type { AnswerTool } from './answer-tool.js';

/** The answer with the input of the answer tool as its content. Said besides there may be nothing: all of it is to be JSON. */
export function unwrapAnswer(answer: ProviderAnswer, { name }: AnswerTool): ProviderAnswer {
  const { toolCalls = [] } = answer;
  const given = toolCalls.find((call) => call.name === name);
  if (given === undefined) return answer;
  const { toolCalls: _, ...rest } = answer;
  const others = toolCalls.filter((call) => call.name !== name);
  return {
    ...rest,
    content: given.arguments,
    ...(others.length > 0 && { toolCalls: others }),
    finishReason: finishOf(answer.finishReason, others.length > 0),
  };
}

/** Hands out the pieces of the answer tool's input as those of a text, and counts the other calls without it. */
export class AnswerToolReader implements StreamReader {
  private answerIndex: number | undefined;
  private calls = 0;

  constructor(
    private readonly reader: StreamReader,
    private readonly tool: AnswerTool,
  ) {}

  get state(): EndState {
    return this.reader.state;
  }

  read(event: SseEvent): StreamPart[] {
    return this.unwrapped(this.reader.read(event));
  }

  end(): StreamPart[] {
    return this.unwrapped(this.reader.end());
  }

  private unwrapped(parts: StreamPart[]): StreamPart[] {
    const isOurs = parts.some(({ type }) => type === 'tool_call' || type === 'finish');
    return isOurs ? parts.map((part) => this.unwrap(part)) : parts;
  }

  private unwrap(part: StreamPart): StreamPart {
    if (part.type === 'finish') {
      if (this.answerIndex === undefined) return part;
      return { ...part, finishReason: finishOf(part.finishReason, this.calls > 0) };
    }
    if (part.type !== 'tool_call') return part;
    const { index, name, arguments: text } = part.delta;
    if (name === this.tool.name) this.answerIndex ??= index;
    if (index === this.answerIndex) return text === '' ? { type: 'alive' } : { type: 'text', text };
    if (name !== undefined) this.calls += 1;
    const isBehind = this.answerIndex !== undefined && index > this.answerIndex;
    return isBehind ? { type: 'tool_call', delta: { ...part.delta, index: index - 1 } } : part;
  }
}

/** A call of the answer tool is no call that its caller is to answer. */
function finishOf(reason: ProviderAnswer['finishReason'], hasCalls: boolean): ProviderAnswer['finishReason'] {
  return reason === 'tool_calls' && !hasCalls ? 'stop' : reason;
}
