import { dataEvent } from '../../infra/http-server/event-stream.writer.js';
import type { CompletionWire } from '../ai-providers/completion.responder.js';
import type {
  CompletionChunk,
  CompletionDelta,
  CompletionEnd,
  CompletionResponse,
  FinishReason,
  ToolCallDelta,
} from '../ai-providers/interfaces/completion.interface.js';
import type { JsonFields, ToolCall } from '../ai-providers/interfaces/message.interface.js';
import type { TokenUsage } from '../ai-providers/interfaces/usage.interface.js';
import type { OpenAIRequest } from './request/from-openai-request.js';
import { toOpenAIField } from './request/openai-field.js';
import { toOpenAIError } from './openai.error.js';

/**
 * Chat completions and their chunks (https://platform.openai.com/docs/api-reference/chat). One wire serves one request:
 * a stream's chunks all carry the time at which it began.
 */
export class OpenAIWire implements CompletionWire {
  readonly fieldName = toOpenAIField;
  readonly end = 'data: [DONE]\n\n';
  private begun = false;
  private readonly customCalls = new Set<number>();
  private around: JsonFields | undefined;

  /** @param created seconds since the epoch */
  constructor(
    private readonly asked: OpenAIRequest,
    private readonly created: number,
  ) {}

  answer(response: CompletionResponse): unknown {
    const { id, model, content, reasoning, toolCalls, refusal, finishReason, usage } = response;
    const { logprobs, providerData, openaiFields } = response;
    const beside = providerData?.openai;
    return {
      ...openaiFields,
      id: idOf(id),
      object: 'chat.completion',
      created: this.created,
      model,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: content === '' && (toolCalls || refusal !== undefined) ? null : content,
            ...(reasoning !== undefined && { reasoning_content: reasoning }),
            ...beside,
            ...this.callsOf(toolCalls),
            refusal: refusal ?? null,
          },
          logprobs: logprobs ?? null,
          finish_reason: this.finishReasonOf(finishReason, toolCalls),
        },
      ],
      usage: usageOf(usage),
    };
  }

  chunks(group: readonly CompletionChunk[]): string {
    return group.map((chunk) => (chunk.done ? this.last(chunk) : this.delta(chunk))).join('');
  }

  error(...[error, requestId]: Parameters<CompletionWire['error']>): string {
    return dataEvent(toOpenAIError(error, requestId));
  }

  /** In the form in which the tools were given. */
  private callsOf(toolCalls: readonly ToolCall[] | undefined): object {
    const [first] = toolCalls ?? [];
    if (first === undefined) return {};
    return this.asked.asksForFunctions
      ? { function_call: { name: first.name, arguments: first.arguments } }
      : { tool_calls: toolCalls?.map(toOpenAIToolCall) };
  }

  private finishReasonOf(reason: FinishReason, toolCalls: readonly ToolCall[] | undefined): string {
    const known = finishReasonOf(reason, toolCalls);
    return known === 'tool_calls' && this.asked.asksForFunctions ? 'function_call' : known;
  }

  private delta(chunk: CompletionDelta): string {
    const { id, model, content, reasoning, refusal, toolCallDelta, logprobs } = chunk;
    const beside = chunk.providerData?.openai;
    const role = this.begun ? {} : { role: 'assistant' };
    this.begun = true;
    const call = toolCallDelta && this.callDelta(toolCallDelta);
    return this.chunk(
      id,
      model,
      {
        ...role,
        ...(reasoning === undefined && refusal === undefined && !call && !beside && { content }),
        ...(reasoning !== undefined && { reasoning_content: reasoning }),
        ...(refusal !== undefined && { refusal }),
        ...beside,
        ...(call && (this.asked.asksForFunctions ? olderForm(call) : { tool_calls: [call] })),
      },
      null,
      logprobs,
    );
  }

  /** A call's first piece alone says what it is; the others carry its index. */
  private callDelta({ index, id, name, custom, arguments: text }: ToolCallDelta): object {
    if (custom) this.customCalls.add(index);
    const isCustom = this.customCalls.has(index);
    const head = id === undefined ? { index } : { index, id, type: isCustom ? 'custom' : 'function' };
    return isCustom
      ? { ...head, custom: { name, input: text } }
      : { ...head, function: { name, arguments: text } };
  }

  private last({ id, model, finishReason, toolCalls, usage, openaiFields }: CompletionEnd): string {
    this.around = openaiFields;
    const delta = this.begun ? {} : { role: 'assistant', content: '' };
    const finish = this.chunk(id, model, delta, this.finishReasonOf(finishReason, toolCalls));
    if (!this.asked.includeUsage) return finish;
    return finish + dataEvent({ ...this.frame(id, model), choices: [], usage: usageOf(usage) });
  }

  private chunk(
    id: string,
    model: string,
    delta: object,
    finish: string | null = null,
    logprobs: JsonFields | null = null,
  ): string {
    const choice = { index: 0, delta, logprobs, finish_reason: finish };
    return dataEvent({
      ...this.frame(id, model),
      choices: [choice],
      ...(this.asked.includeUsage && { usage: null }),
    });
  }

  private frame(id: string, model: string): object {
    return { ...this.around, id: idOf(id), object: 'chat.completion.chunk', created: this.created, model };
  }
}

/** The one call of the older form. */
function olderForm(call: object): object {
  return 'function' in call ? { function_call: call.function } : {};
}

function idOf(id: string): string {
  return `chatcmpl-${id}`;
}

/** OpenAI has no word for an unknown reason; its clients expect one that fits what they got. */
function finishReasonOf(reason: FinishReason, toolCalls: readonly ToolCall[] | undefined): string {
  if (reason !== 'other') return reason;
  return toolCalls ? 'tool_calls' : 'stop';
}

function toOpenAIToolCall({ id, name, custom, arguments: text }: ToolCall): object {
  if (custom) return { id, type: 'custom', custom: { name, input: text } };
  return { id, type: 'function', function: { name, arguments: text } };
}

/** Null where nothing is known: 0 would be a lie. */
function usageOf(usage: TokenUsage): object | null {
  if (usage.promptTokens === null || usage.completionTokens === null) return null;
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.totalTokens,
    ...(usage.cachedPromptTokens !== undefined && {
      prompt_tokens_details: { cached_tokens: usage.cachedPromptTokens },
    }),
    ...(usage.reasoningTokens !== undefined && {
      completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    }),
  };
}
