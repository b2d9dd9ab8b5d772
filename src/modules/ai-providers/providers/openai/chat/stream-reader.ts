import { ProviderError } from '../../../errors/provider.error.js';
import type { ProviderCall, StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import type { JsonFields } from '../../../interfaces/message.interface.js';
import type { ReportedUsage } from '../../../interfaces/usage.interface.js';
import type { EndState } from '../../chat/answers/answer-ending.js';
import { asArray, asText, parseObject } from '../../wire/json-value.js';
import { StreamOpening } from '../../chat/streams/stream-opening.js';
import type { SseEvent, StreamReader } from '../../chat/streams/stream-reader.js';
import { answerFields } from './fields/answer-fields.js';
import { ChoiceReader } from './choice-reader.js';
import type { ChatDialect } from './chat.dialect.js';
import { isWhole, usageIn } from './outcome.js';
import { errorEvent, errorIn } from '../to-error.js';

/**
 * Reads `chat.completion.chunk` events (https://platform.openai.com/docs/api-reference/chat/streaming). With
 * `include_usage` the usage comes after the finish reason in a chunk without choices, at other servers with it, or never;
 * usage from before the finish reason (vLLM's continuous one) is only a state of things and does not end the wait.
 */
export class ChatStreamReader implements StreamReader {
  private readonly doneTerminates: boolean;
  private readonly choices: ChoiceReader;
  private readonly opening = new StreamOpening();
  private usage: ReportedUsage | undefined;
  /** Fields around the answer, as last received. */
  private around: JsonFields | undefined;
  /** Whether the terminator came before any usage: servers exist that send that behind it. */
  private isDone = false;

  constructor(
    dialect: Pick<ChatDialect, 'doneTerminates'>,
    private readonly call: Pick<ProviderCall, 'messages' | 'openaiFields'>,
  ) {
    this.doneTerminates = dialect.doneTerminates;
    this.choices = new ChoiceReader(call.messages);
  }

  get state(): EndState {
    return this.isDone ? 'complete' : this.choices.state;
  }

  read({ event, data }: SseEvent): StreamPart[] {
    if (data.startsWith('[DONE]')) return this.terminate();
    if (event === 'error') throw errorEvent(data);
    const chunk = parseObject(data);
    if (chunk === undefined) return [{ type: 'malformed' }];
    const error = errorIn(chunk);
    if (error) throw error;
    const usage = usageIn(chunk);
    if (!Array.isArray(chunk.choices) && usage === undefined) return [{ type: 'malformed' }];
    const parts: StreamPart[] = [];
    this.opening.read(asText(chunk.id), asText(chunk.model), parts);
    this.choices.read(asArray(chunk.choices), parts);
    if (this.call.openaiFields !== undefined) this.around = answerFields(chunk, this.call) ?? this.around;
    if (usage !== undefined) this.learn(usage, parts);
    if (this.isDone && this.usage !== undefined) parts.push(...this.finish());
    if (parts.length === 0) parts.push({ type: 'alive' });
    return parts;
  }

  end(): StreamPart[] {
    return this.isDone || this.choices.hasWord ? this.finish() : [];
  }

  private terminate(): StreamPart[] {
    if (!this.choices.hasWord && (!this.doneTerminates || !this.choices.hasAnswer)) {
      throw new ProviderError('truncated', 'The stream ended without a finish reason.');
    }
    if (this.isDone || this.usage !== undefined) return this.finish();
    this.isDone = true;
    return [{ type: 'alive' }];
  }

  private finish(): StreamPart[] {
    const parts: StreamPart[] = this.around ? [{ type: 'beside', answer: this.around }] : [];
    this.choices.finish(this.usage ?? {}, parts);
    return parts;
  }

  private learn(usage: ReportedUsage, parts: StreamPart[]): void {
    if (this.usage === undefined || isWhole(usage) || !isWhole(this.usage)) this.usage = usage;
    this.choices.noteUsage();
    parts.push({ type: 'usage', usage: this.usage });
  }
}
