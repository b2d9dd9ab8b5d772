import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { ReasoningEffort } from '../../interfaces/completion.interface.js';
import { thinkingRule } from './anthropic-family.js';
import { isDefault, type WarningList } from '../fit.js';
import { isToolForced } from '../tool-choice.js';

type Display = { display?: 'summarized' | 'omitted' };

/** How much Claude is asked to think. */
export interface ThinkingFields {
  thinking?:
    | { type: 'disabled' }
    | ({ type: 'adaptive' } & Display)
    | ({ type: 'enabled'; budget_tokens: number } & Display);
  output_config?: { effort: 'low' | 'medium' | 'high' | 'xhigh' | 'max' };
}

/** What thinking is not taken beside. */
interface Sampled extends ThinkingFields {
  max_tokens: number;
  temperature?: number;
  top_p?: number;
  top_k?: number;
}

/** "Must be ≥1024 and less than max_tokens": the SDK's declaration of `budget_tokens`. */
const MIN_BUDGET = 1_024;
const MAX_BUDGET = 128_000;

/** OpenRouter's shares of `max_tokens`. */
const SHARE: Readonly<Record<Exclude<ReasoningEffort, 'none'>, number>> = {
  minimal: 0.1,
  low: 0.2,
  medium: 0.5,
  high: 0.8,
  xhigh: 0.95,
  max: 0.95,
};

/**
 * Translates an effort or a budget: https://platform.claude.com/docs/en/build-with-claude/thinking. A forced tool, an unfinished turn of
 * the assistant and JSON mode leave no room for thinking; they change what is asked and go before it.
 */
export function fitThinking(
  options: Sampled,
  call: ProviderCall,
  knowsXHigh: boolean,
  warnings: WarningList,
): void {
  const { effort, maxTokens, exclude } = call.reasoning ?? {};
  const rule = thinkingRule(call.model);
  if (effort === undefined && maxTokens === undefined) return;
  if (effort === 'none') {
    if (rule === 'always') {
      warnings.narrowed('reasoning.effort', `${call.model} always thinks: sent as low`);
      options.output_config = { effort: 'low' };
    } else if (rule !== 'none') options.thinking = { type: 'disabled' };
    return;
  }
  const obstacle = rule === 'none' ? `${call.model} does not think` : obstacleTo(call, rule);
  if (obstacle !== undefined) {
    warnings.ignored('reasoning', obstacle);
    return;
  }
  if (rule === 'budget') withBudget(options, call, warnings);
  else {
    if (maxTokens !== undefined)
      warnings.narrowed('reasoning.maxTokens', `${call.model} takes an effort and no budget`);
    options.thinking = { type: 'adaptive', display: exclude ? 'omitted' : 'summarized' };
    options.output_config = { effort: effortOf(effort ?? effortOfBudget(maxTokens), knowsXHigh, warnings) };
  }
  if (options.thinking !== undefined) withoutSampling(options, call, warnings);
}

/** Why this call cannot be thought about, where its model could. */
function obstacleTo(call: ProviderCall, rule: 'always' | 'adaptive' | 'budget'): string | undefined {
  if (rule === 'always') return undefined;
  if (isToolForced(call)) return 'Claude does not think where a tool is forced';
  if (call.responseFormat?.type === 'json')
    return 'Claude’s JSON mode is a forced tool, where it does not think';
  if (call.messages.at(-1)?.role === 'assistant')
    return 'Claude does not think where its own turn is begun already';
  // "When thinking is enabled, a final assistant message must start with a thinking block": none is known of other vendors' turns.
  const unthought = rule === 'budget' && call.messages.at(-1)?.role === 'tool' && !isThought(call);
  return unthought ? 'The turn that called the tools was not thought by this model' : undefined;
}

function isThought({ messages }: ProviderCall): boolean {
  return messages.findLast(({ role }) => role === 'assistant')?.providerData?.anthropic !== undefined;
}

function withBudget(options: Sampled, call: ProviderCall, warnings: WarningList): void {
  const { effort, maxTokens } = call.reasoning ?? {};
  const room = options.max_tokens - 1;
  const budget =
    maxTokens ?? Math.floor(options.max_tokens * SHARE[effort === 'none' ? 'low' : (effort ?? 'medium')]);
  const taken = Math.min(Math.max(MIN_BUDGET, budget), MAX_BUDGET, room);
  if (taken < MIN_BUDGET) {
    warnings.ignored(
      'reasoning',
      `Claude thinks with ${MIN_BUDGET} tokens at least, and maxTokens leaves ${room}`,
    );
    return;
  }
  if (maxTokens !== undefined && taken !== maxTokens) {
    warnings.narrowed(
      'reasoning.maxTokens',
      `Claude’s range here is ${MIN_BUDGET} to ${Math.min(room, MAX_BUDGET)}: sent as ${taken}`,
    );
  }
  options.thinking = { type: 'enabled', budget_tokens: taken };
}

function effortOf(
  effort: Exclude<ReasoningEffort, 'none'>,
  knowsXHigh: boolean,
  warnings: WarningList,
): 'low' | 'medium' | 'high' | 'xhigh' | 'max' {
  if (effort === 'minimal') {
    warnings.narrowed('reasoning.effort', 'Claude’s lowest effort is low: sent as low');
    return 'low';
  }
  if (effort === 'xhigh' && !knowsXHigh) {
    warnings.narrowed('reasoning.effort', 'This Claude has no xhigh: sent as high');
    return 'high';
  }
  return effort;
}

function effortOfBudget(tokens = 0): 'low' | 'medium' | 'high' {
  if (tokens >= 10_000) return 'high';
  return tokens >= 5_000 ? 'medium' : 'low';
}

/** "Thinking isn't compatible with temperature or top_k modifications", top_p from 0.95 on: the page on extended thinking. */
function withoutSampling(options: Sampled, call: ProviderCall, warnings: WarningList): void {
  const reason = 'Claude takes it only where it does not think';
  if (options.temperature !== undefined && options.temperature !== 1) {
    if (!isDefault(call, 'temperature')) warnings.ignored('temperature', reason);
    delete options.temperature;
  }
  if (options.top_p !== undefined && options.top_p < 0.95) {
    if (!isDefault(call, 'topP')) warnings.ignored('topP', reason);
    delete options.top_p;
  }
  if (options.top_k !== undefined) {
    if (!isDefault(call, 'topK')) warnings.ignored('topK', reason);
    delete options.top_k;
  }
}
