import type { ProviderCall } from '../../../../interfaces/ai-adapter.interface.js';
import type { JsonFields } from '../../../../interfaces/message.interface.js';
import type { JsonObject } from '../../../wire/json-value.js';

/** Fields around an answer that a caller's own fields make: OpenAI's, and Perplexity's sources. */
const FIELDS = ['service_tier', 'moderation', 'citations', 'search_results'] as const;

/** Those of them that are there, where the caller wrote fields beyond our words; undefined for none. */
export function answerFields(
  body: JsonObject,
  { openaiFields }: Pick<ProviderCall, 'openaiFields'>,
): JsonFields | undefined {
  if (openaiFields === undefined) return undefined;
  let found: Record<string, unknown> | undefined;
  for (const name of FIELDS) {
    const value = body[name];
    if (value !== undefined && value !== null) (found ??= {})[name] = value;
  }
  return found;
}
