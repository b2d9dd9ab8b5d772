import type { AIProviderConfig, TokenPrices } from '../interfaces/ai-provider.interface.js';
import type { ChargedPrices } from '../interfaces/usage.interface.js';
import type { Feature } from './feature.interface.js';
import { CLAUDE_OUTPUT_LIMITS } from './catalogue/anthropic.models.js';
import type { KnownModel, KnownPrices } from './catalogue/known-model.interface.js';
import { KNOWN_MODELS } from './catalogue/known-models.js';

/** What of a provider the catalogue is asked by, and what its operator said instead. */
export type CataloguedProvider = Pick<
  AIProviderConfig,
  'type' | 'endpoint' | 'model' | 'pricing' | 'contextWindow'
>;

/** What a deployment, a provider with one of its models, charges and can do. */
export interface DeploymentTerms {
  /** Null where no price is known: then a cost is unknown, never 0. */
  prices: ChargedPrices | null;
  contextWindow: number | null;
  /** Tokens of an answer at most. */
  maxOutput: number | null;
  lacks: readonly Feature[];
}

const NOTHING_LACKING: readonly Feature[] = [];
const PRICED_TOKENS = 1_000;
const CATALOGUED_TOKENS = 1_000_000;

/** What makes a version's name of a model's: `-2025-08-07`, `-20250929`, `-001`, `-latest`. */
const VERSION = /-(?:\d{4}-\d{2}-\d{2}|\d{8}|00\d|latest)$/;

/** Nothing is known of it. */
const UNKNOWN_TERMS: DeploymentTerms = {
  prices: null,
  contextWindow: null,
  maxOutput: null,
  lacks: NOTHING_LACKING,
};

/** Of providers' own models. Configurations never change: a provider that does is another object. */
const ownTerms = new WeakMap<CataloguedProvider, DeploymentTerms>();

/** Of models as the catalogue has them. */
const listedTerms = new Map<KnownModel, DeploymentTerms>();

/**
 * The terms of a provider with `model`, its own unless said: the same object for the same. What its operator said of prices
 * and window belongs to the provider's own model; of another one only the catalogue knows.
 */
export function termsOf(provider: CataloguedProvider, model: string = provider.model): DeploymentTerms {
  return model === provider.model ? termsOfOwn(provider) : termsOfListed(knownModelOf(provider, model));
}

function termsOfOwn(provider: CataloguedProvider): DeploymentTerms {
  let terms = ownTerms.get(provider);
  if (terms === undefined) {
    const { pricing, contextWindow } = provider;
    const listed = termsOfListed(knownModelOf(provider, provider.model));
    terms = {
      ...listed,
      prices: pricing === null ? listed.prices : { ...pricing, source: 'provider' },
      contextWindow: contextWindow ?? listed.contextWindow,
    };
    ownTerms.set(provider, terms);
  }
  return terms;
}

function termsOfListed(model: KnownModel | undefined): DeploymentTerms {
  if (model === undefined) return UNKNOWN_TERMS;
  let terms = listedTerms.get(model);
  if (terms === undefined) {
    const { contextWindow, maxOutput = null, lacks } = model;
    terms = { prices: pricesOf(model), contextWindow, maxOutput, lacks };
    listedTerms.set(model, terms);
  }
  return terms;
}

/** The longest answer of a Claude in tokens, wherever it is served; undefined for a model that the catalogue does not know. */
export function outputLimitOf(model: string): number | undefined {
  let limit = outputLimits.get(model);
  if (limit === undefined) {
    limit = CLAUDE_OUTPUT_LIMITS.find(([name]) => name.test(model))?.[1] ?? null;
    // Callers may name any model where they pin a provider.
    if (outputLimits.size >= MAX_NAMES) outputLimits.clear();
    outputLimits.set(model, limit);
  }
  return limit ?? undefined;
}

const MAX_NAMES = 256;
const outputLimits = new Map<string, number | null>();

/** Only of a vendor's own API: a server behind another endpoint has its own prices. */
function knownModelOf({ type, endpoint }: CataloguedProvider, model: string): KnownModel | undefined {
  if (endpoint !== null) return undefined;
  const name = model.replace(/^models\//, '').replace(VERSION, '');
  return KNOWN_MODELS[type].find((entry) => entry.name === name);
}

function pricesOf({ tiers, ...model }: KnownModel): ChargedPrices {
  const prices: ChargedPrices = { ...perThousand(model), currency: 'USD', source: 'catalogue' };
  if (tiers) {
    prices.tiers = tiers.map(({ abovePromptTokens, ...tier }) => ({
      abovePromptTokens,
      ...perThousand(tier),
    }));
  }
  return prices;
}

function perThousand({ input, output, cachedInput, cacheWrite, cacheWrite1h }: KnownPrices): TokenPrices {
  return {
    inputTokenCost: rounded(input),
    outputTokenCost: rounded(output),
    ...(cachedInput !== undefined && { cachedInputTokenCost: rounded(cachedInput) }),
    ...(cacheWrite !== undefined && { cacheWriteTokenCost: rounded(cacheWrite) }),
    ...(cacheWrite1h !== undefined && { cacheWrite1hTokenCost: rounded(cacheWrite1h) }),
  };
}

/** Takes off what binary arithmetic left behind the last digit. */
function rounded(price: number): number {
  return Number(((price * PRICED_TOKENS) / CATALOGUED_TOKENS).toPrecision(12));
}
