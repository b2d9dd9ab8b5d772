import type { ReportedUsage } from '../../../interfaces/usage.interface.js';
import { asArray, asCount, asObject, sumOfCounts } from '../../wire/json-value.js';
import type { JsonObject, SaidCount } from '../../wire/json-value.js';
import { reportedUsage } from '../../chat/answers/reported-usage.js';

/**
 * The usage that an answer or an event reports, wherever it stands: beside the choices, within one (Kimi) or what it says,
 * under Groq's `x_groq` or in `metadata`, as a relay of Gemini passes it on, or as llama.cpp's `timings`. Undefined where there is none: null and zeros are placeholders.
 */
export function usageIn(json: JsonObject): ReportedUsage | undefined {
  return (
    toUsage(json.usage) ??
    usageOfChoices(asArray(json.choices)) ??
    toUsage(asObject(json.x_groq)?.usage) ??
    toUsage(json.usageMetadata) ??
    toUsage(asObject(json.metadata)?.usage) ??
    usageOfTimings(asObject(json.timings))
  );
}

/** Whether both counts are there: an earlier whole report is better than a later part of one. */
export function isWhole({ promptTokens, completionTokens }: ReportedUsage): boolean {
  return promptTokens !== undefined && completionTokens !== undefined;
}

function usageOfChoices(choices: unknown[]): ReportedUsage | undefined {
  for (const choice of choices) {
    const said = asObject(choice);
    const usage = toUsage(said?.usage) ?? toUsage((asObject(said?.delta) ?? asObject(said?.message))?.usage);
    if (usage !== undefined) return usage;
  }
  return undefined;
}

/**
 * llama.cpp counts the tokens that it read anew and those that it had in its cache apart:
 * https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
 */
function usageOfTimings(timings: JsonObject | undefined): ReportedUsage | undefined {
  if (timings === undefined) return undefined;
  const { prompt_n, cache_n, predicted_n } = timings;
  const cached_tokens = asCount(cache_n);
  return toUsage({
    prompt_tokens: sumOfCounts(asCount(prompt_n), cached_tokens),
    completion_tokens: predicted_n,
    cached_tokens,
  });
}

/**
 * Usage as reported; what is not there stays undefined. `completion_tokens` includes the reasoning at OpenAI but not at
 * xAI, where only `total_tokens` does: which one it is follows from the sum.
 */
function toUsage(value: unknown): ReportedUsage | undefined {
  const usage = asObject(value);
  if (usage === undefined) return undefined;
  const promptTokens = promptOf(usage);
  const completionTokens = asCount(
    usage.completion_tokens ??
      usage.output_tokens ??
      usage.candidatesTokenCount ??
      usage.completionTokens ??
      usage.outputTokens,
  );
  if (isPlaceholder(promptTokens) && isPlaceholder(completionTokens)) return undefined;
  const reasoningTokens = reasoningOf(usage);
  const apart =
    typeof promptTokens === 'number' &&
    typeof completionTokens === 'number' &&
    !!reasoningTokens &&
    asCount(usage.total_tokens ?? usage.totalTokenCount) ===
      promptTokens + completionTokens + reasoningTokens;
  return reportedUsage({
    promptTokens,
    completionTokens: apart ? completionTokens + reasoningTokens : completionTokens,
    cachedPromptTokens: cacheReadOf(usage),
    cacheWriteTokens: cacheWriteOf(usage),
    cacheWrite1hTokens: asCount(asObject(usage.cache_creation)?.ephemeral_1h_input_tokens),
    reasoningTokens,
  });
}

/** `input_tokens` beside Anthropic's cache counts are those of neither; under every other name the prompt is whole. */
function promptOf(usage: JsonObject): SaidCount {
  const prompt = asCount(
    usage.prompt_tokens ?? usage.promptTokenCount ?? usage.promptTokens ?? usage.inputTokens,
  );
  const input = asCount(usage.input_tokens);
  if (prompt !== undefined || input === undefined) return prompt;
  return sumOfCounts(
    input,
    asCount(usage.cache_read_input_tokens),
    asCount(usage.cache_creation_input_tokens),
  );
}

function isPlaceholder(count: SaidCount): boolean {
  return count === undefined || count === 0;
}

/** OpenAI, DeepSeek, Anthropic behind a relay, Kimi, Gemini. */
function cacheReadOf(usage: JsonObject): SaidCount {
  const details = asObject(usage.prompt_tokens_details) ?? asObject(usage.input_tokens_details);
  return (
    asCount(details?.cached_tokens) ??
    asCount(usage.prompt_cache_hit_tokens) ??
    asCount(usage.cache_read_input_tokens) ??
    asCount(usage.cached_tokens) ??
    asCount(details?.cache_read_tokens) ??
    asCount(usage.cachedContentTokenCount)
  );
}

/** Anthropic behind LiteLLM, OpenRouter and others. */
function cacheWriteOf(usage: JsonObject): SaidCount {
  const details = asObject(usage.prompt_tokens_details) ?? asObject(usage.input_tokens_details);
  return (
    asCount(usage.cache_creation_input_tokens) ??
    asCount(details?.cache_write_tokens) ??
    asCount(details?.cache_creation_tokens) ??
    asCount(usage.cache_write_tokens)
  );
}

function reasoningOf(usage: JsonObject): SaidCount {
  const details = asObject(usage.completion_tokens_details) ?? asObject(usage.output_tokens_details);
  return (
    asCount(details?.reasoning_tokens) ?? asCount(usage.reasoning_tokens) ?? asCount(usage.thoughtsTokenCount)
  );
}
