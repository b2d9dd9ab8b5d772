import type { ReasoningEffort } from '../../interfaces/completion.interface.js';

/** A model of OpenAI's that reasons: the o-series (generation 0), or GPT-5 and later. */
export interface ReasoningFamily {
  generation: number;
  minor: number;
  /** GPT-5.1-Codex-Max has an effort that others of its version lack. */
  max: boolean;
}

/**
 * The o-series and GPT-5 and later, which refuse `max_tokens`, `temperature`, `top_p`, the penalties and `stop`
 * (https://platform.openai.com/docs/guides/reasoning; `unsupported_parameter` and `unsupported_value` in the wild), dated,
 * fine-tuned (`ft:`) or behind a vendor's prefix (`openai/`, `azure:`). `gpt-5-chat` does not reason and takes them all. A name is only a
 * guess: what is wrong about it is learnt from refusals.
 */
const REASONING_MODEL = /(?:^|[/:.@])(?:o\d|gpt-?([5-9]|\d{2,})(?:\.(\d+))?(?!\.?\d*-chat))(?=$|[^a-z\d])/i;

/** Undefined for a model that is none of them, as far as its name says. */
export function reasoningFamily(model: string): ReasoningFamily | undefined {
  const found = REASONING_MODEL.exec(model);
  if (!found) return undefined;
  const [, generation = '0', minor = '0'] = found;
  return { generation: Number(generation), minor: Number(minor), max: /codex-max/i.test(model) };
}

/** "Temperature, top_p and logprobs are taken with reasoning effort none": GPT-5.1 and later, OpenAI's GPT-5.2 guide. */
export function takesSampling({ generation, minor }: ReasoningFamily, effort: string | undefined): boolean {
  return effort === 'none' && (generation > 5 || (generation === 5 && minor > 0));
}

const EFFORTS: readonly ReasoningEffort[] = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'];

/**
 * The effort that the model takes in the place of one it does not have: the next lower one, else its lowest.
 * https://platform.openai.com/docs/guides/reasoning: the o-series has low to high, GPT-5 minimal to high, later ones none, low to
 * high, and xhigh from GPT-5.2 (and GPT-5.1-Codex-Max) on.
 */
export function nearestEffort(
  { generation, minor, max }: ReasoningFamily,
  effort: ReasoningEffort,
): ReasoningEffort {
  const isLater = generation > 5 || (generation === 5 && minor > 0);
  const lacks = (one: ReasoningEffort): boolean => {
    if (one === 'none') return !isLater;
    if (one === 'minimal') return generation !== 5 || minor > 0;
    return one === 'xhigh' && !max && !(generation > 5 || (generation === 5 && minor > 1));
  };
  const place = effort === 'max' ? EFFORTS.length - 1 : EFFORTS.indexOf(effort);
  const lower = EFFORTS.slice(0, place + 1).findLast((one) => !lacks(one));
  return lower ?? EFFORTS.find((one) => !lacks(one)) ?? 'low';
}

/** OpenRouter's and LiteLLM's steps from a budget in tokens to an effort. */
export function effortOfBudget(tokens: number): ReasoningEffort {
  if (tokens >= 10_000) return 'high';
  if (tokens >= 5_000) return 'medium';
  return tokens >= 2_000 ? 'low' : 'minimal';
}
