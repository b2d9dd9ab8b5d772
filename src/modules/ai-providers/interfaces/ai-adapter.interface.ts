import type { AIProviderConfig } from './ai-provider.interface.js';
import type { CancelSignal } from './cancel-signal.interface.js';
import type { AskedOptions, FinishReason, SamplingOptions, ToolCallDelta } from './completion.interface.js';
import type { ChatMessage, JsonFields, ProviderData, ToolCall } from './message.interface.js';
import type { ReportedUsage } from './usage.interface.js';

/**
 * One call to a vendor with everything decided: defaults filled in, the system prompt apart from the turns. An adapter
 * leaves out what its vendor does not have and clamps what its vendor narrows.
 */
export interface ProviderCall extends SamplingOptions, AskedOptions {
  model: string;
  system?: string;
  /** Turns without a system message. */
  messages: ChatMessage[];
  /** Left out where neither caller nor operator asked for a bound. */
  maxTokens?: number;
  /**
   * The sampling that the caller asked for. What the call has beyond it are the operator's defaults: they give way where a
   * vendor takes one of two, and are taken back where it refuses them. Left out: all of it was asked for.
   */
  asked?: Readonly<SamplingOptions & { messages?: readonly ChatMessage[] }>;
  /** The longest answer of the model in tokens, where the catalogue knows it. */
  outputLimit?: number;
  /** System messages with more than their text, in the place of `system`, for dialects that can hold it. */
  systemTurns?: readonly ChatMessage[];
}

/**
 * What a deployment refused of what it was sent, by the vendor's name for it; a number is the greatest that it takes. Of what the caller
 * asked for, only what costs nothing but quality is among it.
 */
export type Refused = ReadonlyMap<string, number | null>;

/** A vendor's whole answer in our words. */
export interface ProviderAnswer {
  /** The vendor's own id for it. */
  id?: string;
  /** The model as the vendor names it; the one asked for where it says nothing. */
  model: string;
  content: string;
  reasoning?: string;
  /** The model's own words for not answering; `content` is what it said besides. */
  refusal?: string;
  toolCalls?: ToolCall[];
  /** In OpenAI's form. */
  logprobs?: JsonFields;
  providerData?: ProviderData;
  /** Fields of the answer beyond our words, in OpenAI's form. */
  openaiFields?: JsonFields;
  finishReason: FinishReason;
  rawFinishReason: string;
  usage: ReportedUsage;
  /** What the deployment refused and was asked without; left out where that is nothing. */
  refused?: Refused;
}

/**
 * What a stream reader says. Only `text`, `reasoning`, `refusal` and `tool_call` bear content. `finish` comes once, when the
 * vendor has said why it ended and all that it says after that is known; a stream that ends without it was cut.
 */
export type StreamPart =
  | { type: 'start'; id?: string; model?: string }
  /** `logprobs` in OpenAI's form, where they were asked for. */
  | { type: 'text'; text: string; logprobs?: JsonFields }
  | { type: 'reasoning'; text: string }
  | { type: 'refusal'; text: string; logprobs?: JsonFields }
  /** In canonical form: indices from 0 in order of opening; id and name in the call's first piece alone. */
  | { type: 'tool_call'; delta: ToolCallDelta; logprobs?: JsonFields }
  /** Further fields of the message, or of the answer around it, in OpenAI's form: they bear content. */
  | { type: 'beside'; message?: JsonFields; answer?: JsonFields }
  /** What the deployment refused and was asked without: before all else, where there is any. */
  | { type: 'refused'; refused: Refused }
  /** Usage known so far, for the account of a stream that is cut. */
  | { type: 'usage'; usage: ReportedUsage }
  /** An event that bears nothing: a role, a ping. */
  | { type: 'alive' }
  /** The vendor says that it works on: a ping, a comment, an opened thinking block, a signature. */
  | { type: 'sign_of_life' }
  /** An event that could not be read and was skipped. */
  | { type: 'malformed' }
  | { type: 'finish'; finishReason: FinishReason; rawFinishReason: string; usage: ReportedUsage };

/**
 * Chat with one vendor. Every failure is thrown as `ProviderError`; an abort of `signal` stops the upstream call
 * within 100 ms and is thrown as `ProviderError` with the fault `aborted`.
 */
export interface ChatAdapter {
  complete(call: ProviderCall, signal: CancelSignal): Promise<ProviderAnswer>;
  /**
   * Parts as they come, grouped by network read so that the cost of a chunk stays small. Pulling is the backpressure.
   * Returning early from the iteration closes the upstream stream.
   */
  stream(call: ProviderCall, signal: CancelSignal): AsyncIterable<readonly StreamPart[]>;
}

/** The port to a vendor: one member for each operation that it has. */
export interface AIProviderAdapter {
  readonly chat: ChatAdapter;
  /** Asks the vendor something that spends no tokens; resolves if it would serve. */
  probe(signal: CancelSignal): Promise<void>;
  /** Closes idle connections; calls in flight end first. */
  close(): Promise<void>;
}

/** Gives the adapter of a provider; one adapter lives as long as the configuration it was made for. */
export interface AdapterSource {
  adapterFor(provider: AIProviderConfig): AIProviderAdapter;
}
