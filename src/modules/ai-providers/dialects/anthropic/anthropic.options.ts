import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import { hasXHigh, samplingRule } from './anthropic-family.js';
import { fitThinking } from './anthropic.thinking.js';
import type { ThinkingFields } from './anthropic.thinking.js';
import { isDefault, wanted, WarningList } from '../fit.js';
import type { Fit, Refused } from '../fit.js';
import { ignoreForeignFields } from '../foreign-fields.js';

/** A request's fields in Anthropic's dialect beyond its turns, tools and format. */
export interface AnthropicOptions extends ThinkingFields {
  max_tokens: number;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  stop_sequences?: string[];
  metadata?: { user_id: string };
  service_tier?: 'auto' | 'standard_only';
  /** Part of `tool_choice`. */
  disable_parallel_tool_use?: true;
}

/** Longest `metadata.user_id` that the API takes, in characters. */
const MAX_USER_ID = 256;

/**
 * The API demands a bound of the answer. Where neither caller nor operator asked for one and the catalogue does not know the
 * model: what each Claude in service takes, the smallest limit being Opus 4.1's
 * (https://platform.claude.com/docs/en/about-claude/models/overview, 2026-11). A server behind this API that takes less says
 * so, and is asked for that.
 */
const DEFAULT_MAX_TOKENS = 32_000;

/** Marks that a deployment refused temperature and top_p together. */
export const BOTH_REFUSED = 'temperature and top_p';

/** What Anthropic, or a server of its dialect, gets of a call's options. */
export function fitAnthropic(call: ProviderCall, refused: Refused): Fit<AnthropicOptions> {
  const warnings = new WarningList();
  const bound = call.maxTokens ?? call.outputLimit ?? DEFAULT_MAX_TOKENS;
  const limit = refused.get('max_tokens');
  const options: AnthropicOptions = {
    max_tokens: limit && isDefault(call, 'maxTokens') ? Math.min(bound, limit) : bound,
  };
  sample(options, call, refused, warnings);
  fitStops(options, call, refused, warnings);
  if (call.reasoning !== undefined) fitThinking(options, call, hasXHigh(call.model), warnings);
  if (call.frequencyPenalty !== undefined) noSuchField('frequencyPenalty', call, warnings);
  if (call.presencePenalty !== undefined) noSuchField('presencePenalty', call, warnings);
  if (call.seed !== undefined) warnings.ignored('seed', 'Anthropic has no such field');
  if (call.parallelToolCalls === false && call.tools?.length) options.disable_parallel_tool_use = true;
  if (call.sessionId !== undefined && call.openaiFields?.['prompt_cache_key'] === undefined)
    warnings.ignored('sessionId', 'Anthropic has no key of its prompt cache');
  if (call.openaiFields !== undefined) fitForeign(options, call, warnings);
  const user = call.user ?? call.openaiFields?.['safety_identifier'];
  if (typeof user === 'string' && user !== '') fitUser(options, user, call, warnings);
  return { options, warnings: warnings.all };
}

function sample(
  options: AnthropicOptions,
  call: ProviderCall,
  refused: Refused,
  warnings: WarningList,
): void {
  const rule = samplingRule(call.model);
  const temperature = wanted(call, 'temperature', refused, 'temperature');
  const topP = wanted(call, 'topP', refused, 'top_p');
  const topK = wanted(call, 'topK', refused, 'top_k');
  if (rule === 'none') {
    for (const field of ['temperature', 'topP', 'topK'] as const) {
      if (call[field] !== undefined && !isDefault(call, field)) {
        warnings.ignored(field, `${call.model} takes no sampling parameters`);
      }
    }
    return;
  }
  const one = temperature !== undefined && topP !== undefined ? oneOf(call, rule, refused) : 'both';
  if (temperature !== undefined && one !== 'topP') options.temperature = clamped(temperature, call, warnings);
  if (topP !== undefined && one !== 'temperature') options.top_p = topP;
  else if (topP !== undefined && !isDefault(call, 'topP')) {
    warnings.ignored('topP', `${call.model} takes temperature or topP, and not both`);
  }
  if (topK !== undefined) options.top_k = topK;
}

/** Which of the two goes: what was asked for goes before a default, and temperature before topP. */
function oneOf(call: ProviderCall, rule: 'all' | 'one', refused: Refused): 'both' | 'temperature' | 'topP' {
  const asked = { temperature: !isDefault(call, 'temperature'), topP: !isDefault(call, 'topP') };
  const mayBoth = rule === 'all' && !(refused.has(BOTH_REFUSED) && !(asked.temperature && asked.topP));
  if (mayBoth) return 'both';
  return asked.topP && !asked.temperature ? 'topP' : 'temperature';
}

function clamped(temperature: number, call: ProviderCall, warnings: WarningList): number {
  if (temperature <= 1) return Math.max(0, temperature);
  if (!isDefault(call, 'temperature')) warnings.narrowed('temperature', 'Anthropic takes 0 to 1: sent as 1');
  return 1;
}

/** The API refuses sequences of white space only. */
function fitStops(
  options: AnthropicOptions,
  call: ProviderCall,
  refused: Refused,
  warnings: WarningList,
): void {
  const stops = wanted(call, 'stopSequences', refused, 'stop_sequences');
  if (stops === undefined) return;
  const taken = stops.filter((sequence) => sequence.trim() !== '');
  if (taken.length > 0) options.stop_sequences = taken;
  if (taken.length < stops.length && !isDefault(call, 'stopSequences')) {
    warnings.narrowed('stopSequences', 'Anthropic takes none of white space alone: left out');
  }
}

function noSuchField(
  field: 'frequencyPenalty' | 'presencePenalty',
  call: ProviderCall,
  warnings: WarningList,
): void {
  if (!isDefault(call, field) && call[field] !== 0) warnings.ignored(field, 'Anthropic has no such field');
}

function fitUser(options: AnthropicOptions, user: string, call: ProviderCall, warnings: WarningList): void {
  if (user.length <= MAX_USER_ID) options.metadata = { user_id: user };
  else {
    const field = call.user === undefined ? 'safety_identifier' : 'user';
    warnings.ignored(field, `Anthropic takes ${MAX_USER_ID} characters at most`);
  }
}

/** `auto` is the same word; OpenAI's `default` is "standard_only": https://platform.claude.com/docs/en/api/service-tiers. */
function fitForeign(options: AnthropicOptions, call: ProviderCall, warnings: WarningList): void {
  const tier = call.openaiFields?.['service_tier'];
  if (tier === 'auto') options.service_tier = 'auto';
  else if (tier === 'default') options.service_tier = 'standard_only';
  else if (tier !== undefined) warnings.ignored('service_tier', 'Anthropic has no such tier');
  ignoreForeignFields(call, 'Anthropic', ['service_tier', 'safety_identifier'], warnings);
}

/** What is ours in a body that was sent, by the vendor's names, and so may be taken back or narrowed. */
export function revocableAnthropic(call: ProviderCall, options: AnthropicOptions): string[] {
  const { maxTokens, temperature, topP, topK, stopSequences } = call.asked ?? call;
  return [
    options.temperature !== undefined && temperature === undefined && 'temperature',
    options.top_p !== undefined && topP === undefined && 'top_p',
    options.top_k !== undefined && topK === undefined && 'top_k',
    options.stop_sequences !== undefined && stopSequences === undefined && 'stop_sequences',
    maxTokens === undefined && 'max_tokens',
  ].filter((name) => name !== false);
}
