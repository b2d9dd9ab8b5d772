import { EFFORTS } from '../../ai-providers/dto/validation/option.constraints.js';
import type {
  ReasoningEffort,
  ReasoningOptions,
} from '../../ai-providers/interfaces/completion.interface.js';
import { isObject, type FieldReader } from './field.reader.js';

const EFFORT_WORDS: ReadonlySet<unknown> = new Set<ReasoningEffort>(EFFORTS);

/** Groq's word for the model's own effort: it asks for nothing. */
const OWN_EFFORT = 'default';

/**
 * How much the model may think, in whatever words of the dialect: OpenAI's `reasoning_effort`, OpenRouter's `reasoning`, `thinking` of
 * DeepSeek, Moonshot and Z.ai, `enable_thinking` of Alibaba. Vendors of the dialect get the caller's own words.
 */
export function readReasoning(body: FieldReader): ReasoningOptions | undefined {
  const reasoning: ReasoningOptions = {};
  const { effort, max_tokens: maxTokens, exclude, enabled } = body.object('reasoning') ?? {};
  readEffort(body, 'reasoning_effort', body.present('reasoning_effort'), reasoning);
  readEffort(body, 'reasoning.effort', effort, reasoning);
  readBudget(body, 'reasoning.max_tokens', maxTokens, reasoning);
  if (typeof exclude === 'boolean') reasoning.exclude = exclude;
  readSwitch(enabled, reasoning);
  const thinking = body.present('thinking');
  if (isObject(thinking)) {
    readBudget(body, 'thinking.budget_tokens', thinking['budget_tokens'], reasoning);
    readSwitch(thinking['type'] === undefined ? undefined : thinking['type'] !== 'disabled', reasoning);
  }
  readSwitch(body.boolean('enable_thinking'), reasoning);
  return Object.keys(reasoning).length > 0 ? reasoning : undefined;
}

function readEffort(body: FieldReader, field: string, effort: unknown, reasoning: ReasoningOptions): void {
  if (effort === undefined || effort === null || effort === OWN_EFFORT) return;
  if (EFFORT_WORDS.has(effort)) reasoning.effort ??= effort as ReasoningEffort;
  else body.refuse(field, `must be one of ${[...EFFORTS].join(', ')}`);
}

function readBudget(body: FieldReader, field: string, tokens: unknown, reasoning: ReasoningOptions): void {
  if (tokens === undefined || tokens === null) return;
  if (Number.isSafeInteger(tokens) && Number(tokens) > 0) reasoning.maxTokens ??= Number(tokens);
  else body.refuse(field, 'must be a whole number from 1');
}

/** A switch says no more than on or off; on without more is the middle. */
function readSwitch(isOn: unknown, reasoning: ReasoningOptions): void {
  if (typeof isOn !== 'boolean' || reasoning.effort !== undefined) return;
  if (!isOn) reasoning.effort = 'none';
  else if (reasoning.maxTokens === undefined) reasoning.effort = 'medium';
}
