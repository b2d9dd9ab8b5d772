import type {
  AIProviderAdapter,
  ChatAdapter,
  ProviderAnswer,
  ProviderCall,
  StreamPart,
} from '../modules/ai-providers/interfaces/ai-adapter.interface.js';
import type { AdapterSource } from '../modules/ai-providers/interfaces/ai-adapter.interface.js';

/** What a vendor says next: a text, any part of its answer, or an error that it fails with. */
export type ScriptedAnswer = string | Partial<ProviderAnswer> | Error;

const DEFAULT_ANSWER = 'This is a test answer.';

/**
 * What all providers answer in a test, and what they were asked. Each answer is used once, in order; when none is left, a
 * fixed text is given. A `ProviderError` is a failed try like any other: retried, failed over, counted.
 */
export class ScriptedAnswers {
  /** Calls as the adapters got them, oldest first. */
  readonly calls: ProviderCall[] = [];
  private readonly answers: ScriptedAnswer[] = [];

  /** Says what comes next, after what was said before. */
  next(...answers: ScriptedAnswer[]): this {
    this.answers.push(...answers);
    return this;
  }

  clear(): void {
    this.calls.length = 0;
    this.answers.length = 0;
  }

  /** The answer to a call. @throws what the script says */
  take(call: ProviderCall): ProviderAnswer {
    this.calls.push(call);
    const scripted = this.answers.shift() ?? DEFAULT_ANSWER;
    if (scripted instanceof Error) throw scripted;
    const given = typeof scripted === 'string' ? { content: scripted } : scripted;
    const content = given.content ?? '';
    return {
      model: call.model,
      finishReason: given.toolCalls === undefined ? 'stop' : 'tool_calls',
      rawFinishReason: 'stop',
      usage: { promptTokens: 10, completionTokens: content.split(/\s+/).length },
      ...given,
      content,
    };
  }
}

/** A vendor that says what the script says. */
class ScriptedAdapter implements AIProviderAdapter, ChatAdapter {
  readonly chat = this;

  constructor(private readonly script: ScriptedAnswers) {}

  complete(call: ProviderCall): Promise<ProviderAnswer> {
    return Promise.resolve().then(() => this.script.take(call));
  }

  /** Word by word. */
  async *stream(call: ProviderCall): AsyncGenerator<readonly StreamPart[]> {
    const answer = await this.complete(call);
    yield [{ type: 'start', model: answer.model }];
    if (answer.reasoning !== undefined) yield [{ type: 'reasoning', text: answer.reasoning }];
    for (const text of answer.content.match(/\S+\s*/g) ?? []) yield [{ type: 'text', text }];
    for (const [index, { id, name, arguments: text }] of (answer.toolCalls ?? []).entries()) {
      yield [{ type: 'tool_call', delta: { index, id, name, arguments: text } }];
    }
    const { finishReason, rawFinishReason, usage } = answer;
    yield [{ type: 'finish', finishReason, rawFinishReason, usage }];
  }

  probe(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Gives every provider the script's adapter: nothing goes over the network. */
export class ScriptedAdapterPool implements AdapterSource {
  private readonly adapter: AIProviderAdapter;

  constructor(script: ScriptedAnswers) {
    this.adapter = new ScriptedAdapter(script);
  }

  adapterFor(): AIProviderAdapter {
    return this.adapter;
  }
}
