import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import { termsOf, type CataloguedProvider, type DeploymentTerms } from './provider-terms.js';

/**
 * A model at a provider: what a request is routed to, priced by and billed for. Today a provider has one deployment, its own
 * model, and a pinned request may ask for another one.
 */
export interface Deployment<Provider extends CataloguedProvider = AIProviderConfig> {
  readonly provider: Provider;
  readonly model: string;
  readonly terms: DeploymentTerms;
}

/** Of providers' own models. Configurations never change: a provider that does is another object. */
const ownDeployments = new WeakMap<CataloguedProvider, Deployment<CataloguedProvider>>();

/** The deployment of `provider` with its own model: the same object for the same configuration. */
export function ownDeploymentOf<Provider extends CataloguedProvider>(
  provider: Provider,
): Deployment<Provider> {
  let known = ownDeployments.get(provider) as Deployment<Provider> | undefined;
  if (known === undefined) {
    known = { provider, model: provider.model, terms: termsOf(provider) };
    ownDeployments.set(provider, known);
  }
  return known;
}

/** The deployment of `provider` with `model`. */
export function deploymentOf<Provider extends CataloguedProvider>(
  provider: Provider,
  model: string,
): Deployment<Provider> {
  if (model === provider.model) return ownDeploymentOf(provider);
  return { provider, model, terms: termsOf(provider, model) };
}

/**
 * The deployment that `request` asks of `provider`: its own, unless the request is pinned to the provider and names another
 * model. The provider's id or name means its own model.
 */
export function deploymentAskedOf<
  Provider extends CataloguedProvider & Pick<AIProviderConfig, 'id' | 'name'>,
>(provider: Provider, request: Pick<CompletionRequest, 'providerId' | 'model'>): Deployment<Provider> {
  const asked = request.providerId === undefined ? undefined : request.model;
  return asked === undefined || asked === provider.id || asked === provider.name
    ? ownDeploymentOf(provider)
    : deploymentOf(provider, asked);
}
