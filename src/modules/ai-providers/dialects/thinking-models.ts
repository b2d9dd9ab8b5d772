import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import { thinkingRule } from './anthropic/anthropic-family.js';
import { generationOf } from './gemini/gemini.options.js';
import { reasoningFamily } from './openai/openai-family.js';

/**
 * Models of other makers that reason unless told not to, by what their names say: DeepSeek's `deepseek-reasoner` and R1
 * (https://api-docs.deepseek.com/guides/reasoning_model), Qwen's QwQ, OpenAI's open `gpt-oss`, and what is called `…-thinking` or
 * `…-reasoning`.
 */
const NAMED_AFTER_IT = /deepseek-(?:reasoner|r1)|\bqwq|\bgpt-oss|[-_:](?:thinking|reasoning|reasoner)\b/i;

/**
 * Whether the model that a call asks may think before it says anything: reasoning was asked for, or the model reasons without
 * being asked and no effort of `none` or `minimal` was. A name is all that is known of a model: one that says nothing does not
 * think unasked.
 */
export function mayThink({ model, reasoning }: Pick<ProviderCall, 'model' | 'reasoning'>): boolean {
  const { effort, maxTokens } = reasoning ?? {};
  if (effort === 'none' || effort === 'minimal') return false;
  return effort !== undefined || maxTokens !== undefined || thinksUnasked(model);
}

/**
 * OpenAI's o-series and GPT-5 and later; Claude where thinking cannot be disabled, older ones only think when asked; Gemini 3, and
 * 2.5 but for Flash-Lite: "2.5 Flash Lite: model does not think" by default, https://ai.google.dev/gemini-api/docs/thinking
 */
function thinksUnasked(model: string): boolean {
  if (reasoningFamily(model) !== undefined || thinkingRule(model) === 'always') return true;
  const gemini = generationOf(model);
  return gemini >= 3 || (gemini >= 2.5 && !/lite/i.test(model)) || NAMED_AFTER_IT.test(model);
}
