import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { Refusal } from '../interfaces/attempt.interface.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import { deploymentAskedOf, ownDeploymentOf, type Deployment } from '../models/deployment.js';
import { eligibility, needsOf, type RequestNeeds } from './eligibility.js';

/** The deployments that may serve a request, in the order in which they are tried, and those that may not. */
export interface Route {
  ordered: Deployment[];
  skipped: { deployment: Deployment; refusal: Refusal }[];
}

/** What the tries made so far have taught about the request. */
export interface RouteKnowledge {
  /** It was too long for a context window of this size. */
  contextWindowAbove?: number;
}

const KEY_UNREADABLE: Refusal = { reason: 'key_unreadable' };

/** Puts deployments that can serve the same request into the order in which they are tried. */
export type DeploymentOrder = (deployments: Deployment[]) => Deployment[];

/**
 * Plans a request's route: with `model` and `fallbacks` first those that serve the one, then those that serve the next,
 * otherwise all that can serve it. A name that is no provider's model may be a provider's id or name. A pinned request has no
 * other candidate, and may name any model of it.
 */
export function planRoute(
  providers: readonly AIProviderConfig[],
  request: CompletionRequest,
  order: DeploymentOrder,
  knowledge: RouteKnowledge = {},
): Route {
  const { model, features, beyondText } = needsOf(request);
  const needs: RequestNeeds = { features, beyondText, contextWindowAbove: knowledge.contextWindowAbove };
  if (request.providerId !== undefined) {
    const pinned = providers.filter(({ id }) => id === request.providerId);
    return planFor(
      pinned.map((provider) => deploymentAskedOf(provider, request)),
      needs,
      order,
    );
  }
  if (model === undefined) return planFor(providers.map(ownDeploymentOf), needs, order);
  const groups = [model, ...(request.fallbacks ?? [])].map((name) => providersNamed(providers, name));
  const plans = groups.map((group) => planFor(group.map(ownDeploymentOf), needs, order));
  const others = providers.filter((provider) => !groups.some((group) => group.includes(provider)));
  return {
    ordered: [...new Set(plans.flatMap(({ ordered }) => ordered))],
    skipped: [
      ...plans.flatMap(({ skipped }) => skipped),
      ...others.map((provider) => ({
        deployment: ownDeploymentOf(provider),
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

function planFor(deployments: readonly Deployment[], needs: RequestNeeds, order: DeploymentOrder): Route {
  const able: Deployment[] = [];
  const skipped: Route['skipped'] = [];
  for (const deployment of deployments) {
    const refusal =
      eligibility(deployment, needs) ?? (deployment.provider.keyReadable ? null : KEY_UNREADABLE);
    if (refusal === null) able.push(deployment);
    else skipped.push({ deployment, refusal });
  }
  return { ordered: able.length > 1 ? order(able) : able, skipped };
}
