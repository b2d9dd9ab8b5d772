import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { AIProviderConfig } from '../../interfaces/ai-provider.interface.js';
import type { Deployment } from '../../models/deployment.js';
import type { CataloguedProvider } from '../../models/provider-terms.js';
import { textOf } from './to-provider-call.js';

/** OpenAI's rule of thumb for English text: "What are tokens and how to count them?", help.openai.com. */
const CHARACTERS_PER_TOKEN = 4;

/** What an answer without a bound is taken for: the longest that callers commonly ask for. */
const UNBOUNDED_ANSWER = 2_048;

/**
 * What of a provider's minute one answer is planned with. Beyond the first share a number says nothing of the answer to come,
 * and would only keep others out: the second is reserved then, and the real usage settled afterwards.
 */
const LARGEST_SHARE = 1 / 2;
const USUAL_SHARE = 1 / 10;

/** Tokens that a try reserves of its provider's minute: its prompt by its length, and what its answer may have. */
export function tokensToReserve(
  { provider, terms }: Deployment<CataloguedProvider & Pick<AIProviderConfig, 'rateLimit'>>,
  call: ProviderCall,
): number {
  if (provider.rateLimit === null) return 0;
  const { tokensPerMinute } = provider.rateLimit;
  const { maxOutput, contextWindow } = terms;
  const asked = call.maxTokens ?? UNBOUNDED_ANSWER;
  const answer = Math.min(asked, call.outputLimit ?? maxOutput ?? Infinity, contextWindow ?? Infinity);
  const isPlannable = answer <= tokensPerMinute * LARGEST_SHARE;
  return promptTokensOf(call) + (isPlannable ? answer : Math.ceil(tokensPerMinute * USUAL_SHARE));
}

/** Tokens of a call's prompt, by its length. */
export function promptTokensOf({ system = '', messages }: ProviderCall): number {
  const characters = messages.reduce((sum, { content }) => sum + textOf(content).length, system.length);
  return Math.ceil(characters / CHARACTERS_PER_TOKEN);
}
