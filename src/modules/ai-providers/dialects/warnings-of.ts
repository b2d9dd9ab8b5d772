import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { ProviderCall } from '../interfaces/ai-adapter.interface.js';
import type { CompletionWarning } from '../interfaces/completion.interface.js';

/** The list of nearly every answer: one for all, and nobody's to change. */
export const NO_WARNINGS: readonly CompletionWarning[] = Object.freeze([]);

/** What of the call its vendor does not get as the caller asked. */
export function warningsOf(
  { type }: Pick<AIProviderConfig, 'type'>,
  { temperature = 0 }: ProviderCall,
): readonly CompletionWarning[] {
  if (type !== 'ANTHROPIC' || temperature <= 1) return NO_WARNINGS;
  return [{ field: 'temperature', action: 'narrowed', detail: 'Anthropic takes 0 to 1: sent as 1' }];
}
