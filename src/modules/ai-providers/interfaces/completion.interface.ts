import type { AIProviderType } from './ai-provider.interface.js';
import type { Attempt } from './attempt.interface.js';
import type { CancelSignal } from './cancel-signal.interface.js';
import type { ChatMessage, ResponseFormat, Tool, ToolCall, ToolChoice } from './message.interface.js';
import type { Cost, TokenUsage } from './usage.interface.js';

export type RequestPriority = 'high' | 'normal' | 'low';

/** `other` stands for a reason we do not know; `rawFinishReason` beside it keeps the vendor's word. */
export type FinishReason = 'stop' | 'length' | 'content_filter' | 'tool_calls' | 'other';

/** `BYPASS`: the request, or the configuration, wants no cache. */
export type CacheStatus = 'HIT' | 'MISS' | 'BYPASS';

/** How an answer is sampled. Where a field is silent the provider's configuration holds. */
export interface SamplingOptions {
  temperature?: number;
  maxTokens?: number;
  topP?: number;
  topK?: number;
  frequencyPenalty?: number;
  presencePenalty?: number;
  stopSequences?: string[];
  seed?: number;
}

interface CompletionOptions extends SamplingOptions {
  systemPrompt?: string;
  /** Over HTTP: answer with server-sent events. In process the method called decides. */
  stream?: boolean;
  /** Pins the request: that provider with its retries, no fallback. */
  providerId?: string;
  /** Only providers that serve this model. */
  model?: string;
  /** Models to try, in order, after `model`. */
  fallbacks?: string[];
  priority?: RequestPriority;
  /** Milliseconds for the whole request. */
  timeout?: number;
  cache?: false | { ttl: number };
  /** Kept in the request log. */
  metadata?: Record<string, string>;
  tools?: Tool[];
  toolChoice?: ToolChoice;
  responseFormat?: ResponseFormat;
  /** Passed to the vendor as the end user's opaque id, for abuse detection. */
  user?: string;
}

/** What a caller asks: a prompt or messages, exactly one of them. */
export type CompletionRequest = CompletionOptions &
  ({ prompt: string; messages?: undefined } | { prompt?: undefined; messages: ChatMessage[] });

/** https://www.w3.org/TR/trace-context/ */
export type TraceHeaders = Partial<Record<'traceparent' | 'tracestate', string>>;

/** What goes beside the request: who asks, and how to stop. */
export interface CompletionContext {
  /** Aborting it stops the upstream call, the backoff sleep and the wait in the queue. */
  signal?: CancelSignal;
  requestId?: string;
  /** Name of the access key that asked. Answers are cached for each caller alone. */
  caller?: string;
  /** The caller's span, as W3C's headers name it; in process the active one is the parent. */
  traceHeaders?: TraceHeaders;
  /** Hears, before the answer or its first chunk, whether it comes from the cache. */
  onCacheStatus?: (status: CacheStatus) => void;
}

/** Everything about an answer but its text. */
export interface CompletionSummary {
  id: string;
  finishReason: FinishReason;
  rawFinishReason: string | null;
  model: string;
  providerId: string;
  providerName: string;
  providerType: AIProviderType;
  usage: TokenUsage;
  /** Null where neither the provider nor the catalogue has a price, or the usage is unknown. */
  cost: Cost | null;
  /** Milliseconds for the whole request. */
  latency: number;
  cached: boolean;
  attempts: Attempt[];
  toolCalls?: ToolCall[];
}

/** A whole answer. */
export interface CompletionResponse extends CompletionSummary {
  content: string;
  /** The model's visible reasoning, where the vendor gives it. */
  reasoning?: string;
}

/** What of an answer is the same for everybody who asks for it. */
export type StoredAnswer = Omit<CompletionResponse, 'id' | 'latency' | 'cached' | 'attempts'>;

/** A piece of a streamed answer that bears content. */
export interface CompletionDelta {
  id: string;
  content: string;
  done: false;
  reasoning?: string;
  toolCallDelta?: ToolCallDelta;
}

/** A fragment of a tool call: `id` and `name` come with the first fragment of an `index`. */
export interface ToolCallDelta {
  index: number;
  id?: string;
  name?: string;
  arguments: string;
}

/** The last piece of a streamed answer. */
export interface CompletionEnd extends CompletionSummary {
  content: '';
  done: true;
  /** The stream was cut and went on from another try. */
  recovered?: true;
}

export type CompletionChunk = CompletionDelta | CompletionEnd;
