import { context, SpanKind, SpanStatusCode, trace, type Context, type Span } from '@opentelemetry/api';
import { isPlausible } from '../../accounting/plausible-count.js';
import { ProviderError } from '../../errors/provider.error.js';
import type {
  AIProviderAdapter,
  ChatAdapter,
  ProviderAnswer,
  ProviderCall,
  StreamPart,
} from '../../interfaces/ai-adapter.interface.js';
import type { CancelSignal } from '../../interfaces/cancel-signal.interface.js';
import type { AIProviderConfig } from '../../interfaces/ai-provider.interface.js';
import { CHAT, GEN_AI, providerNameOf } from './gen-ai.attributes.js';
import { iterateWithin } from './iterate-within.js';

type TracedProvider = Pick<AIProviderConfig, 'id' | 'name' | 'type'>;
type Start = Partial<Pick<ProviderAnswer, 'id' | 'model'>>;
type Finish = Pick<ProviderAnswer, 'finishReason' | 'usage'>;

/**
 * An adapter each of whose calls is a span, under whatever span is active; its context goes to the vendor as `traceparent`
 * (https://www.w3.org/TR/trace-context/). Neither prompt nor answer is in it.
 */
export class TracedAdapter implements AIProviderAdapter {
  readonly chat: ChatAdapter;

  constructor(
    private readonly adapter: AIProviderAdapter,
    provider: TracedProvider,
  ) {
    this.chat = new TracedChat(adapter.chat, provider);
  }

  probe(signal: CancelSignal): Promise<void> {
    return this.adapter.probe(signal);
  }

  close(): Promise<void> {
    return this.adapter.close();
  }
}

class TracedChat implements ChatAdapter {
  private readonly tracer = trace.getTracer('ai-providers');

  constructor(
    private readonly chat: ChatAdapter,
    private readonly provider: TracedProvider,
  ) {}

  async complete(call: ProviderCall, signal: CancelSignal): Promise<ProviderAnswer> {
    const { span, within } = this.open(call);
    try {
      const answer = await context.with(within, () => this.chat.complete(call, signal));
      noteStart(span, answer);
      noteFinish(span, answer);
      return answer;
    } catch (error) {
      noteError(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  async *stream(call: ProviderCall, signal: CancelSignal): AsyncGenerator<readonly StreamPart[], void> {
    const { span, within } = this.open(call);
    // The pipeline does not read on behind the finish, so that is where the call ends.
    let isOver = false;
    const end = (): void => {
      if (!isOver) span.end();
      isOver = true;
    };
    try {
      for await (const parts of iterateWithin(within, () => this.chat.stream(call, signal))) {
        for (const part of parts) {
          if (part.type === 'start') noteStart(span, part);
          else if (part.type === 'finish') {
            noteFinish(span, part);
            end();
          }
        }
        yield parts;
      }
      if (!isOver) noteError(span, new ProviderError('truncated', 'The stream ended before its finish'));
    } catch (error) {
      if (!isOver) noteError(span, error);
      throw error;
    } finally {
      end();
    }
  }

  private open({ model, maxTokens, temperature }: ProviderCall): { span: Span; within: Context } {
    const { id, name, type } = this.provider;
    const span = this.tracer.startSpan(`${CHAT} ${model}`, {
      kind: SpanKind.CLIENT,
      attributes: {
        [GEN_AI.operation]: CHAT,
        [GEN_AI.provider]: providerNameOf(type),
        [GEN_AI.requestModel]: model,
        ...(maxTokens !== undefined && { [GEN_AI.requestMaxTokens]: maxTokens }),
        ...(temperature !== undefined && { [GEN_AI.requestTemperature]: temperature }),
        'ai_providers.provider.id': id,
        'ai_providers.provider.name': name,
      },
    });
    return { span, within: trace.setSpan(context.active(), span) };
  }
}

function noteStart(span: Span, { id, model }: Start): void {
  if (id !== undefined) span.setAttribute(GEN_AI.responseId, id);
  if (model !== undefined) span.setAttribute(GEN_AI.responseModel, model);
}

function noteFinish(span: Span, { finishReason, usage }: Finish): void {
  span.setAttribute(GEN_AI.finishReasons, [finishReason]);
  if (isPlausible(usage.promptTokens)) span.setAttribute(GEN_AI.inputTokens, usage.promptTokens);
  if (isPlausible(usage.completionTokens)) span.setAttribute(GEN_AI.outputTokens, usage.completionTokens);
}

function noteError(span: Span, error: unknown): void {
  const known = error instanceof ProviderError;
  span.setAttribute(GEN_AI.errorType, known ? error.fault : 'internal');
  span.setStatus({ code: SpanStatusCode.ERROR, ...(known && { message: error.message }) });
}
