import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { ReasoningOptions } from '../../interfaces/completion.interface.js';
import type { JsonFields } from '../../interfaces/message.interface.js';
import type { DialectTarget, WarningList } from '../fit.js';
import { effortOfBudget, nearestEffort } from './openai-family.js';
import type { ReasoningFamily } from './openai-family.js';

/** The fields by which servers of OpenAI's dialect are asked how much to think; a caller of that API may have used any. */
export const REASONING_FIELDS = ['reasoning_effort', 'reasoning', 'thinking', 'enable_thinking'] as const;

/** Models with a switch in the place of an effort: `thinking` at DeepSeek, Moonshot and Z.ai, `enable_thinking` at Alibaba. */
const SWITCHED = /deepseek|kimi|moonshot|glm-/i;
const QWEN = /qwen|qwq/i;

const NOTHING: JsonFields = {};

/** The fields that tell a server of OpenAI's dialect what the caller asked of the reasoning. */
export function reasoningFields(
  call: ProviderCall,
  target: DialectTarget,
  family: ReasoningFamily | undefined,
  warnings: WarningList,
): JsonFields {
  const { reasoning = {}, openaiFields } = call;
  if (reasoning.effort === undefined && reasoning.maxTokens === undefined) return NOTHING;
  const written = REASONING_FIELDS.some((name) => openaiFields?.[name] !== undefined);
  if (target.type === 'CUSTOM')
    return written ? NOTHING : customFields(call.model, reasoning, target, warnings);
  // OpenAI knows the one word alone.
  if (openaiFields?.['reasoning_effort'] !== undefined) return NOTHING;
  return openaiEffort(call.model, reasoning, target, family, warnings);
}

function openaiEffort(
  model: string,
  reasoning: ReasoningOptions,
  { endpoint }: DialectTarget,
  family: ReasoningFamily | undefined,
  warnings: WarningList,
): JsonFields {
  const effort = effortFor(reasoning, warnings, 'OpenAI');
  // Behind another endpoint a name says nothing.
  if (family === undefined && endpoint === null) {
    if (effort !== 'none') warnings.ignored('reasoning', `${model} does not reason`);
    return NOTHING;
  }
  const taken = family ? nearestEffort(family, effort) : effort;
  if (taken !== effort) warnings.narrowed('reasoning.effort', `${model} has no ${effort}: sent as ${taken}`);
  return { reasoning_effort: taken };
}

function customFields(
  model: string,
  reasoning: ReasoningOptions,
  { endpoint }: DialectTarget,
  warnings: WarningList,
): JsonFields {
  const { effort, maxTokens, exclude } = reasoning;
  if (endpoint !== null && /\/\/(?:[^/]*\.)?openrouter\.ai\b/i.test(endpoint)) {
    return { reasoning: withoutUndefined({ effort, max_tokens: maxTokens, exclude }) };
  }
  const isOn = effort !== 'none';
  if (SWITCHED.test(model)) {
    if (maxTokens !== undefined)
      warnings.narrowed('reasoning.maxTokens', `${model} thinks or not: sent as on`);
    return { thinking: { type: isOn ? 'enabled' : 'disabled' } };
  }
  if (QWEN.test(model)) {
    return withoutUndefined({ enable_thinking: isOn, thinking_budget: isOn ? maxTokens : undefined });
  }
  return { reasoning_effort: effortFor(reasoning, warnings, model) };
}

function effortFor(
  { effort, maxTokens = 0 }: ReasoningOptions,
  warnings: WarningList,
  who: string,
): NonNullable<ReasoningOptions['effort']> {
  if (effort !== undefined) {
    if (maxTokens > 0) warnings.ignored('reasoning.maxTokens', `${who} takes an effort and no budget`);
    return effort;
  }
  const nearest = effortOfBudget(maxTokens);
  warnings.narrowed('reasoning.maxTokens', `${who} takes an effort and no budget: sent as ${nearest}`);
  return nearest;
}

function withoutUndefined(fields: Record<string, unknown>): JsonFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
