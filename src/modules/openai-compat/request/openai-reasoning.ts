import { z } from 'zod';
import { EFFORTS } from '../../ai-providers/dto/validation/option.constraints.js';
import type { ReasoningOptions } from '../../ai-providers/interfaces/completion.interface.js';
import { boolean, chosen, isObject, lenient, optional } from './openai-schema.js';

/** Groq's word for the model's own effort: it asks for nothing. */
const OWN_EFFORT = 'default';

const effort = optional(
  z
    .enum([...EFFORTS, OWN_EFFORT], `must be one of ${EFFORTS.join(', ')}`)
    .transform((asked) => (asked === OWN_EFFORT ? undefined : asked)),
);

const PROBLEM_OF_BUDGET = 'must be a whole number from 1';
const budget = optional(z.int(PROBLEM_OF_BUDGET).min(1, PROBLEM_OF_BUDGET));

const thinking = z
  .looseObject({ budget_tokens: budget, type: z.unknown().optional() })
  .transform(({ budget_tokens: maxTokens, type }) => ({
    maxTokens,
    isOn: type === undefined ? undefined : type !== 'disabled',
  }));
const nothing = z.unknown().transform(() => undefined);

/**
 * How much the model may think, in all words of the dialect: OpenAI's `reasoning_effort`, OpenRouter's `reasoning`, `thinking` of
 * DeepSeek, Moonshot and Z.ai, `enable_thinking` of Alibaba. Vendors of the dialect get the caller's own words.
 */
export const REASONING = {
  reasoning_effort: effort,
  reasoning: optional(
    z.looseObject(
      { effort, max_tokens: budget, exclude: lenient(z.boolean()), enabled: lenient(z.boolean()) },
      'must be an object',
    ),
  ),
  thinking: chosen((given) => (isObject(given) ? thinking : nothing)),
  enable_thinking: optional(boolean),
};

/** The fields of `REASONING` in our words: the first of several that say the same holds. */
export function toReasoning(fields: z.output<z.ZodObject<typeof REASONING>>): ReasoningOptions | undefined {
  const asked = fields.reasoning;
  const reasoning: ReasoningOptions = {};
  const maxTokens = asked?.max_tokens;
  setIfGiven(reasoning, 'effort', fields.reasoning_effort ?? asked?.effort);
  setIfGiven(reasoning, 'maxTokens', maxTokens);
  setIfGiven(reasoning, 'exclude', asked?.exclude);
  applySwitch(asked?.enabled, reasoning);
  setIfGiven(reasoning, 'maxTokens', maxTokens ?? fields.thinking?.maxTokens);
  applySwitch(fields.thinking?.isOn, reasoning);
  applySwitch(fields.enable_thinking, reasoning);
  return Object.keys(reasoning).length > 0 ? reasoning : undefined;
}

function setIfGiven<K extends keyof ReasoningOptions>(
  reasoning: ReasoningOptions,
  name: K,
  value: ReasoningOptions[K] | undefined,
): void {
  if (value !== undefined) reasoning[name] = value;
}

/** A switch says no more than on or off; on without more is the middle. */
function applySwitch(isOn: boolean | undefined, reasoning: ReasoningOptions): void {
  if (isOn === undefined || reasoning.effort !== undefined) return;
  if (!isOn) reasoning.effort = 'none';
  else if (reasoning.maxTokens === undefined) reasoning.effort = 'medium';
}
