import type { DialectTarget } from './fit.js';

/** Whether a server of OpenAI's dialect gets an assistant's reasoning back, and where each turn must have one. */
export interface ReasoningBack {
  /** `reasoning_content` nearly everywhere, `reasoning` at OpenRouter. */
  field: 'reasoning_content' | 'reasoning';
  /** An empty one where none is known: DeepSeek and Kimi refuse turns of a tool loop without. */
  always: boolean;
}

/** Mistral ("Extra inputs are not permitted") and Groq ("property 'reasoning_content' is unsupported") refuse it. */
const REFUSING_HOST = /(?:^|\.)(?:mistral\.ai|groq\.com)$/i;
const REFUSING_MODEL = /mistral|mixtral|magistral|codestral|ministral|devstral|pixtral/i;

/** "The `reasoning_content` in the thinking mode must be passed back to the API.", and Moonshot's sentence like it. */
const WANTING_MODEL = /deepseek|kimi/i;

/** OpenAI knows no such field: it gets none, and neither does who is known to refuse it; all others do until they refuse it. */
export function reasoningBack({ endpoint }: DialectTarget, model: string): ReasoningBack | null {
  if (endpoint === null) return null;
  const host = hostOf(endpoint);
  if (REFUSING_HOST.test(host) || REFUSING_MODEL.test(model)) return null;
  const field = /(?:^|\.)openrouter\.ai$/i.test(host) ? 'reasoning' : 'reasoning_content';
  return { field, always: WANTING_MODEL.test(model) };
}

function hostOf(endpoint: string): string {
  return /^https?:\/\/(?:[^/@]*@)?([^/:?#]+)/i.exec(endpoint)?.[1] ?? '';
}
