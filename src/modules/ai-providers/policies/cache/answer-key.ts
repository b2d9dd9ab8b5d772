import stringify from 'safe-stable-stringify';
import type { AIProviderConfig } from '../../interfaces/ai-provider.interface.js';
import type { CompletionContext, CompletionRequest } from '../../interfaces/completion.interface.js';

/** Part of every key: a change of what is stored, or of what identifies a request, makes all older answers unreachable. */
const VERSION = 4;

/** The fields that do not change what a provider is asked. */
type Aside = 'providerId' | 'stream' | 'timeout' | 'priority' | 'cache' | 'metadata';

/**
 * What identifies an answer: the caller it was for, the providers that could have been asked, each as it
 * was configured then, and all that they would be asked. The same for the same, whatever the order of the fields. A
 * provider's change makes its answers unreachable, since its revision is part of it.
 */
export function answerKeyOf(
  request: CompletionRequest,
  { caller }: CompletionContext,
  providers: readonly Pick<AIProviderConfig, 'id' | 'revision'>[],
): string {
  const { providerId, stream, timeout, priority, cache, metadata, ...asked }: CompletionRequest = request;
  const set = providers.map(({ id, revision }) => `${id} ${revision}`).sort();
  return stringify([VERSION, caller ?? null, set, asked satisfies Omit<CompletionRequest, Aside>]);
}
