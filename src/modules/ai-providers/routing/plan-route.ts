import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { Refusal } from '../interfaces/attempt.interface.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import { modelAskedOf } from '../models/deployment.js';
import { eligibility, needsOf, type RequestNeeds } from './eligibility.js';

/** Who may serve a request, in the order in which they are asked, and who may not. */
export interface Route {
  ordered: AIProviderConfig[];
  passedOver: { provider: AIProviderConfig; refusal: Refusal }[];
}

/** What the tries made so far have taught about the request. */
export interface RouteKnowledge {
  /** It was too long for a context window of this size. */
  contextWindowAbove?: number;
}

const KEY_UNREADABLE: Refusal = { reason: 'key_unreadable' };

/** Puts providers that can serve the same request into the order in which they are asked. */
export type ProviderOrder = (providers: AIProviderConfig[]) => AIProviderConfig[];

/**
 * Plans a request's way: with `model` and `fallbacks` first those that serve the one, then those that serve the next,
 * otherwise all that can serve it. A name that is nobody's model may be a provider's id or name. A pinned request has no
 * other candidate, and may name any model of it.
 */
export function planRoute(
  providers: readonly AIProviderConfig[],
  request: CompletionRequest,
  order: ProviderOrder,
  knowledge: RouteKnowledge = {},
): Route {
  const { model, features, beyondText } = needsOf(request);
  const needs: RequestNeeds = { features, beyondText, contextWindowAbove: knowledge.contextWindowAbove };
  if (request.providerId !== undefined) {
    const pinned = providers.filter(({ id }) => id === request.providerId);
    const [provider] = pinned;
    if (provider) needs.asked = modelAskedOf(provider, request);
    return planFor(pinned, needs, order);
  }
  if (model === undefined) return planFor(providers, needs, order);
  const groups = [model, ...(request.fallbacks ?? [])].map((name) => providersNamed(providers, name));
  const plans = groups.map((group) => planFor(group, needs, order));
  const others = providers.filter((provider) => !groups.some((group) => group.includes(provider)));
  return {
    ordered: [...new Set(plans.flatMap(({ ordered }) => ordered))],
    passedOver: [
      ...plans.flatMap(({ passedOver }) => passedOver),
      ...others.map((provider) => ({
        provider,
        refusal: { reason: provider.isActive ? 'lacks_model' : 'inactive' } as const,
      })),
    ],
  };
}

/** The providers that `name` means: those that serve a model of that name, else those that bear it. */
export function providersNamed(providers: readonly AIProviderConfig[], name: string): AIProviderConfig[] {
  const byModel = providers.filter(({ model }) => model === name);
  return byModel.length > 0
    ? byModel
    : providers.filter((provider) => provider.id === name || provider.name === name);
}

function planFor(providers: readonly AIProviderConfig[], needs: RequestNeeds, order: ProviderOrder): Route {
  const able: AIProviderConfig[] = [];
  const passedOver: Route['passedOver'] = [];
  for (const provider of providers) {
    const refusal = eligibility(provider, needs) ?? (provider.keyReadable ? null : KEY_UNREADABLE);
    if (refusal === null) able.push(provider);
    else passedOver.push({ provider, refusal });
  }
  return { ordered: able.length > 1 ? order(able) : able, passedOver };
}
