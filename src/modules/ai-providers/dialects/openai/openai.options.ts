import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { SamplingOptions } from '../../interfaces/completion.interface.js';
import type { JsonFields } from '../../interfaces/message.interface.js';
import { isDefault, wanted, WarningList } from '../fit.js';
import type { DialectTarget, Fit, Refused } from '../fit.js';
import { reasoningFamily, takesSampling } from './openai-family.js';
import type { ReasoningFamily } from './openai-family.js';
import { reasoningFields } from './openai.reasoning.js';

/** A request's fields in OpenAI's dialect beyond its messages, tools and format. */
export interface OpenAIOptions {
  max_tokens?: number;
  max_completion_tokens?: number;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  stop?: string[];
  seed?: number;
  user?: string;
  parallel_tool_calls?: boolean;
  logprobs?: boolean;
  top_logprobs?: number;
  prompt_cache_key?: string;
  /** How much the model may think, in the words of the server. */
  reasoning?: JsonFields;
}

/** "Up to 4 sequences": https://platform.openai.com/docs/api-reference/chat/create. */
const MAX_STOP_SEQUENCES = 4;

/** Where a reasoning model takes only its own value, that value changes nothing and need not be sent. */
const NEUTRAL: Readonly<Record<'temperature' | 'topP' | 'frequencyPenalty' | 'presencePenalty', number>> = {
  temperature: 1,
  topP: 1,
  frequencyPenalty: 0,
  presencePenalty: 0,
};

/** What OpenAI, or a server of its dialect, gets of a call's options. */
export function fitOpenAI(call: ProviderCall, target: DialectTarget, refused: Refused): Fit<OpenAIOptions> {
  const warnings = new WarningList();
  const family = reasoningFamily(call.model);
  const options: OpenAIOptions = { seed: call.seed, user: call.user };
  limit(options, call, family, refused);
  if (family && !takesSampling(family, call.reasoning?.effort)) warnOfSampling(call, warnings);
  else sample(options, call, target, refused, warnings);
  if (call.topK !== undefined) fitTopK(options, call, target, refused, warnings);
  if (call.parallelToolCalls !== undefined && hasTools(call)) {
    // Without tools it means nothing, and OpenAI refuses it.
    options.parallel_tool_calls = call.parallelToolCalls;
  }
  if (call.logprobs !== undefined && call.logprobs !== false) {
    options.logprobs = true;
    if (typeof call.logprobs === 'number') options.top_logprobs = call.logprobs;
  }
  if (call.sessionId !== undefined && call.openaiFields?.['prompt_cache_key'] === undefined) {
    if (target.type === 'OPENAI' && !refused.has('prompt_cache_key'))
      options.prompt_cache_key = call.sessionId;
    else warnings.ignored('sessionId', `${call.model} has no key of its prompt cache`);
  }
  if (call.reasoning !== undefined) options.reasoning = reasoningFields(call, target, family, warnings);
  return { options, warnings: warnings.all };
}

function hasTools({ tools, openaiFields }: ProviderCall): boolean {
  return (tools !== undefined && tools.length > 0) || openaiFields?.['tools'] !== undefined;
}

/** The bound of the answer under the name that the model takes: `max_tokens` is the one that all others know. */
function limit(
  options: OpenAIOptions,
  call: ProviderCall,
  family: ReasoningFamily | undefined,
  refused: Refused,
): void {
  const { maxTokens } = call;
  if (maxTokens === undefined) return;
  const [name, other] = family
    ? (['max_completion_tokens', 'max_tokens'] as const)
    : (['max_tokens', 'max_completion_tokens'] as const);
  if (!refused.has(name)) options[name] = maxTokens;
  else if (!refused.has(other) || !isDefault(call, 'maxTokens')) options[other] = maxTokens;
}

function sample(
  options: OpenAIOptions,
  call: ProviderCall,
  { type }: DialectTarget,
  refused: Refused,
  warnings: WarningList,
): void {
  options.temperature = wanted(call, 'temperature', refused, 'temperature');
  options.top_p = wanted(call, 'topP', refused, 'top_p');
  options.frequency_penalty = wanted(call, 'frequencyPenalty', refused, 'frequency_penalty');
  options.presence_penalty = wanted(call, 'presencePenalty', refused, 'presence_penalty');
  const stop = wanted(call, 'stopSequences', refused, 'stop');
  if (!stop?.length) return;
  options.stop = type === 'OPENAI' ? stop.slice(0, MAX_STOP_SEQUENCES) : stop;
  if (options.stop.length < stop.length && !isDefault(call, 'stopSequences')) {
    warnings.narrowed('stopSequences', `OpenAI takes ${MAX_STOP_SEQUENCES} at most: the others are left out`);
  }
}

function warnOfSampling(call: ProviderCall, warnings: WarningList): void {
  for (const field of ['temperature', 'topP', 'frequencyPenalty', 'presencePenalty'] as const) {
    if (call[field] !== undefined && call[field] !== NEUTRAL[field]) warnUnlessDefault(call, field, warnings);
  }
  if (call.stopSequences?.length) warnUnlessDefault(call, 'stopSequences', warnings);
}

function warnUnlessDefault(call: ProviderCall, field: keyof SamplingOptions, warnings: WarningList): void {
  if (!isDefault(call, field)) warnings.ignored(field, `The reasoning model ${call.model} does not take it`);
}

/** `top_k` is no field of OpenAI's but of vLLM, llama.cpp, TGI, Ollama, OpenRouter and others; the rest ignore it. */
function fitTopK(
  options: OpenAIOptions,
  call: ProviderCall,
  { type }: DialectTarget,
  refused: Refused,
  warnings: WarningList,
): void {
  if (type === 'CUSTOM') options.top_k = wanted(call, 'topK', refused, 'top_k');
  else if (!isDefault(call, 'topK')) warnings.ignored('topK', 'OpenAI has no such field');
}

/** What is ours in a body that was sent, by the vendor's names, and so may be taken back. */
export function revocableOpenAI(call: ProviderCall, options: OpenAIOptions): string[] {
  const { temperature, topP, topK, frequencyPenalty, presencePenalty, stopSequences } = call.asked ?? call;
  const { max_tokens, max_completion_tokens } = options;
  return [
    // The name is ours even where the number is the caller's.
    max_tokens !== undefined && 'max_tokens',
    max_completion_tokens !== undefined && 'max_completion_tokens',
    options.temperature !== undefined && temperature === undefined && 'temperature',
    options.top_p !== undefined && topP === undefined && 'top_p',
    options.top_k !== undefined && topK === undefined && 'top_k',
    options.frequency_penalty !== undefined && frequencyPenalty === undefined && 'frequency_penalty',
    options.presence_penalty !== undefined && presencePenalty === undefined && 'presence_penalty',
    options.stop !== undefined && stopSequences === undefined && 'stop',
    options.prompt_cache_key !== undefined && 'prompt_cache_key',
  ].filter((name) => name !== false);
}
