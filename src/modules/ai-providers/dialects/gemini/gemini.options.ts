import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { ReasoningEffort } from '../../interfaces/completion.interface.js';
import { isDefault, wanted, WarningList } from '../fit.js';
import type { Fit, Refused } from '../fit.js';
import { ignoreForeignFields } from '../foreign-fields.js';

/** How much Gemini is asked to think: a level since Gemini 3, a budget before. */
export interface GeminiThinking {
  includeThoughts?: boolean;
  thinkingBudget?: number;
  thinkingLevel?: 'minimal' | 'low' | 'medium' | 'high';
}

/** A request's `generationConfig` but for its format. */
export interface GeminiOptions {
  maxOutputTokens?: number;
  temperature?: number;
  topP?: number;
  topK?: number;
  stopSequences?: string[];
  presencePenalty?: number;
  frequencyPenalty?: number;
  seed?: number;
  responseLogprobs?: true;
  logprobs?: number;
  thinkingConfig?: GeminiThinking;
}

/** "The set of character sequences (up to 5)": https://ai.google.dev/api/generate-content#generationconfig */
const MAX_STOP_SEQUENCES = 5;

/** "Up to, but not including, 2.0. Its minimum value is -2.0": Google's reference of GenerationConfig. */
const MAX_PENALTY = 1.99;

/** https://ai.google.dev/gemini-api/docs/thinking: the budgets of Gemini 2.5 that stand for the efforts. */
const BUDGETS: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 512,
  low: 1_024,
  medium: 8_192,
  high: 24_576,
  xhigh: 32_768,
  max: 32_768,
};

/** What Gemini gets of a call's options. */
export function fitGemini(call: ProviderCall, refused: Refused): Fit<GeminiOptions> {
  const warnings = new WarningList();
  const options: GeminiOptions = {
    maxOutputTokens: wanted(call, 'maxTokens', refused, 'maxOutputTokens'),
    temperature: temperatureOf(call, refused, warnings),
    topP: wanted(call, 'topP', refused, 'topP'),
    topK: wanted(call, 'topK', refused, 'topK'),
    seed: call.seed,
  };
  fitStops(options, call, refused, warnings);
  for (const field of ['presencePenalty', 'frequencyPenalty'] as const)
    fitPenalty(options, field, call, refused, warnings);
  if (call.logprobs !== undefined && call.logprobs !== false) {
    options.responseLogprobs = true;
    if (typeof call.logprobs === 'number') options.logprobs = call.logprobs;
  }
  if (call.reasoning !== undefined) options.thinkingConfig = thinkingFor(call, warnings);
  if (call.user) warnings.ignored('user', 'Gemini has no such field');
  if (call.parallelToolCalls === false && call.tools?.length) {
    warnings.ignored('parallelToolCalls', 'Gemini cannot be kept from several calls at a time');
  }
  if (call.sessionId !== undefined && call.openaiFields?.['prompt_cache_key'] === undefined)
    warnings.ignored('sessionId', 'Gemini has no key of its prompt cache');
  if (call.openaiFields !== undefined) ignoreForeignFields(call, 'Gemini', [], warnings);
  return { options, warnings: warnings.all };
}

/** "Values can range from [0.0, 2.0]": the reference of GenerationConfig. */
function temperatureOf(call: ProviderCall, refused: Refused, warnings: WarningList): number | undefined {
  const temperature = wanted(call, 'temperature', refused, 'temperature');
  if (temperature === undefined || temperature <= 2) return temperature;
  if (!isDefault(call, 'temperature')) warnings.narrowed('temperature', 'Gemini takes 0 to 2: sent as 2');
  return 2;
}

function fitStops(options: GeminiOptions, call: ProviderCall, refused: Refused, warnings: WarningList): void {
  const stops = wanted(call, 'stopSequences', refused, 'stopSequences');
  if (stops === undefined) return;
  const taken = stops.filter((sequence) => sequence !== '').slice(0, MAX_STOP_SEQUENCES);
  if (taken.length > 0) options.stopSequences = taken;
  if (taken.length < stops.length && !isDefault(call, 'stopSequences')) {
    warnings.narrowed('stopSequences', `Gemini takes ${MAX_STOP_SEQUENCES} at most: the others are left out`);
  }
}

function fitPenalty(
  options: GeminiOptions,
  field: 'presencePenalty' | 'frequencyPenalty',
  call: ProviderCall,
  refused: Refused,
  warnings: WarningList,
): void {
  const penalty = wanted(call, field, refused, field);
  if (penalty === undefined) return;
  options[field] = Math.min(MAX_PENALTY, Math.max(-2, penalty));
  if (penalty > MAX_PENALTY && !isDefault(call, field))
    warnings.narrowed(field, `Gemini takes less than 2: sent as ${MAX_PENALTY}`);
}

/** 0 for a model whose name does not say. */
export function generationOf(model: string): number {
  return Number(/gemini-(\d+(?:\.\d+)?)/i.exec(model)?.[1] ?? 0);
}

function thinkingFor(call: ProviderCall, warnings: WarningList): GeminiThinking | undefined {
  const { effort, maxTokens, exclude } = call.reasoning ?? {};
  if (effort === undefined && maxTokens === undefined)
    return exclude === false ? { includeThoughts: true } : undefined;
  const generation = generationOf(call.model);
  if (generation > 0 && generation < 2.5) {
    if (effort !== 'none') warnings.ignored('reasoning', `${call.model} does not think`);
    return undefined;
  }
  const includeThoughts = !exclude && effort !== 'none';
  if (generation >= 3) return { includeThoughts, thinkingLevel: levelFor(call, warnings) };
  return { includeThoughts, thinkingBudget: budgetFor(call, warnings) };
}

/** https://ai.google.dev/gemini-api/docs/thinking: Flash has four levels, Pro two, and none can be switched off. */
function levelFor(
  { model, reasoning = {} }: ProviderCall,
  warnings: WarningList,
): GeminiThinking['thinkingLevel'] {
  const { effort, maxTokens } = reasoning;
  const levels = /pro/i.test(model)
    ? (['low', 'high'] as const)
    : (['minimal', 'low', 'medium', 'high'] as const);
  if (effort === undefined) {
    warnings.narrowed('reasoning.maxTokens', `${model} takes a level and no budget`);
    const tokens = maxTokens ?? 0;
    return tokens >= BUDGETS.medium ? 'high' : 'low';
  }
  if (maxTokens !== undefined)
    warnings.ignored('reasoning.maxTokens', `${model} takes a level and no budget`);
  const order: readonly string[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];
  const place = order.indexOf(effort);
  const level = levels.findLast((one) => order.indexOf(one) <= place) ?? levels[0];
  const isNarrower = level !== effort && effort !== 'xhigh' && effort !== 'max';
  if (isNarrower) warnings.narrowed('reasoning.effort', `${model} has no ${effort}: sent as ${level}`);
  return level;
}

/** Pro thinks with 128 to 32,768 tokens, Flash with up to 24,576, Flash-Lite with none or 512 and more; same page. */
function budgetFor({ model, reasoning = {} }: ProviderCall, warnings: WarningList): number {
  const { effort, maxTokens } = reasoning;
  const wanted = maxTokens ?? BUDGETS[effort ?? 'medium'];
  const isPro = /pro/i.test(model);
  const [low, high] = isPro ? [128, 32_768] : [/lite/i.test(model) && wanted > 0 ? 512 : 0, 24_576];
  const taken = Math.min(high, Math.max(low, wanted));
  if (taken !== wanted && (maxTokens !== undefined || effort === 'none')) {
    const field = maxTokens === undefined ? 'reasoning.effort' : 'reasoning.maxTokens';
    warnings.narrowed(field, `${model} thinks with ${low} to ${high} tokens: sent as ${taken}`);
  }
  return taken;
}

/** What is ours in a body that was sent, by the vendor's names, and so may be taken back. */
export function revocableGemini(call: ProviderCall, options: GeminiOptions): string[] {
  const asked = call.asked ?? call;
  return [
    options.temperature !== undefined && asked.temperature === undefined && 'temperature',
    options.topP !== undefined && asked.topP === undefined && 'topP',
    options.topK !== undefined && asked.topK === undefined && 'topK',
    options.presencePenalty !== undefined && asked.presencePenalty === undefined && 'presencePenalty',
    options.frequencyPenalty !== undefined && asked.frequencyPenalty === undefined && 'frequencyPenalty',
    options.stopSequences !== undefined && asked.stopSequences === undefined && 'stopSequences',
    options.maxOutputTokens !== undefined && asked.maxTokens === undefined && 'maxOutputTokens',
  ].filter((name) => name !== false);
}
