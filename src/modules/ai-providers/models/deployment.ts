import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';

/**
 * The model that `request` asks of `provider`: its own, unless the request is pinned to it and names another. Its own is also
 * what the provider's id or name means.
 */
export function modelAskedOf(
  { id, name, model }: Pick<AIProviderConfig, 'id' | 'name' | 'model'>,
  request: Pick<CompletionRequest, 'providerId' | 'model'>,
): string {
  const asked = request.providerId === undefined ? undefined : request.model;
  return asked === undefined || asked === id || asked === name ? model : asked;
}
