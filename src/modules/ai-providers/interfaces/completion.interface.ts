import type { AIProviderType } from './ai-provider.interface.js';
import type { Attempt } from './attempt.interface.js';
import type { CancelSignal } from './cancel-signal.interface.js';
import type {
  ChatMessage,
  JsonFields,
  ProviderData,
  ResponseFormat,
  Tool,
  ToolCall,
  ToolChoice,
} from './message.interface.js';
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

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

/** How much a model may think. Vendors have efforts or budgets: the one is translated into the other. */
export interface ReasoningOptions {
  effort?: ReasoningEffort;
  /** Tokens for the reasoning at most. */
  maxTokens?: number;
  /** The reasoning is not handed out. */
  exclude?: boolean;
}

/** Fields that go to that vendor as they are, and to no other; they go before all that we would send. */
export interface ProviderOptions {
  /** OpenAI, and the servers that speak its dialect. */
  openai?: JsonFields;
  anthropic?: JsonFields;
  google?: JsonFields;
}

/** What an answer asks for beside its sampling, the same for every vendor. */
export interface AskedOptions {
  tools?: Tool[];
  toolChoice?: ToolChoice;
  /** False: one tool call at a time. */
  parallelToolCalls?: boolean;
  responseFormat?: ResponseFormat;
  /** True, or how many alternatives to each token (0 to 20) are listed beside its logarithmic probability. */
  logprobs?: boolean | number;
  reasoning?: ReasoningOptions;
  /** Passed to the vendor as the end user's opaque id, for abuse detection. */
  user?: string;
  /** What belongs together for the vendor's prompt cache. */
  sessionId?: string;
  providerOptions?: ProviderOptions;
  /**
   * Fields of OpenAI's Chat Completions request that have no word of ours, as the caller of that API wrote them: vendors of
   * the dialect get them as they are, for the others each is translated, left out with a warning, or a lack.
   */
  openaiFields?: JsonFields;
}

interface CompletionOptions extends SamplingOptions, AskedOptions {
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
  /** Called, before the answer or its first chunk, with whether it comes from the cache. */
  onCacheStatus?: (status: CacheStatus) => void;
  /** Called, before the answer or its first chunk, with what of the request its vendor does not get as asked, if anything. */
  onWarnings?: (warnings: readonly CompletionWarning[]) => void;
}

/** A field that the vendor did not get as the caller asked: `narrowed` to what it takes, or left out. */
export interface CompletionWarning {
  /** As the caller's API names it, with its place: `temperature`, `messages.1.name`. */
  field: string;
  action: 'narrowed' | 'ignored';
  detail: string;
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
  /** What of the request the vendor did not get as asked. */
  warnings: readonly CompletionWarning[];
  toolCalls?: ToolCall[];
  /** The model's own words for not answering; `content` is what it said besides. */
  refusal?: string;
  /** In OpenAI's form, where it was asked for and the vendor sent it. */
  logprobs?: JsonFields;
  /** What the vendor wants back with this turn. */
  providerData?: ProviderData;
  /** Fields of the answer that OpenAI's dialect has beyond our words, where the caller's own fields made them. */
  openaiFields?: JsonFields;
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
  /** As the provider that answers names it; the same in every piece that comes from one try. */
  model: string;
  reasoning?: string;
  refusal?: string;
  toolCallDelta?: ToolCallDelta;
  /** Of this piece, in OpenAI's form. */
  logprobs?: JsonFields;
  /** Further fields of the piece, in OpenAI's form. */
  providerData?: ProviderData;
}

/** A fragment of a tool call: `id` and `name` come with the first fragment of an `index`, and in no other. */
export interface ToolCallDelta {
  /** 0, 1, 2 … in order of opening. */
  index: number;
  id?: string;
  name?: string;
  arguments: string;
  /** As in `ToolCall`. */
  custom?: true;
}

/** The last piece of a streamed answer. */
export interface CompletionEnd extends CompletionSummary {
  content: '';
  done: true;
  /** The stream was cut and went on from another try. */
  recovered?: true;
}

export type CompletionChunk = CompletionDelta | CompletionEnd;
