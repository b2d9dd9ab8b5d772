import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import { textOf } from './to-provider-call.js';

/** OpenAI's rule of thumb for English text: "What are tokens and how to count them?", help.openai.com. */
const CHARACTERS_PER_TOKEN = 4;

/** What an answer without a bound is taken for: the longest that callers commonly ask for. */
const UNBOUNDED_ANSWER = 2_048;

/** Tokens that a call may use: the prompt by its length, and the longest answer allowed. */
export function estimateTokens({ system = '', messages, maxTokens }: ProviderCall): number {
  const characters = messages.reduce((sum, { content }) => sum + textOf(content).length, system.length);
  return Math.ceil(characters / CHARACTERS_PER_TOKEN) + (maxTokens ?? UNBOUNDED_ANSWER);
}
