import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { ChargedPrices } from '../interfaces/usage.interface.js';
import type { Feature } from './feature.interface.js';
import { CLAUDE_OUTPUT_LIMITS, KNOWN_MODELS, type KnownModel } from './known-models.js';

type CataloguedProvider = Pick<AIProviderConfig, 'type' | 'endpoint' | 'model' | 'pricing' | 'contextWindow'>;

/** What a provider charges and can do: what its operator said, else what the vendor's page says of its model. */
export interface ProviderTerms {
  /** Null where nobody said: then a cost is unknown, never 0. */
  prices: ChargedPrices | null;
  contextWindow: number | null;
  lacks: readonly Feature[];
}

const NOTHING_LACKING: readonly Feature[] = [];
const PRICED_TOKENS = 1_000;
const CATALOGUED_TOKENS = 1_000_000;

/** What makes a version's name of a model's: `-2025-08-07`, `-20250929`, `-001`, `-latest`. */
const VERSION = /-(?:\d{4}-\d{2}-\d{2}|\d{8}|00\d|latest)$/;

/** Configurations never change: a provider that does is another object. */
const known = new WeakMap<CataloguedProvider, ProviderTerms>();

/** The same object for the same configuration. */
export function termsOf(provider: CataloguedProvider): ProviderTerms {
  let terms = known.get(provider);
  if (terms === undefined) {
    const model = knownModelOf(provider);
    terms = {
      prices: pricesOf(provider, model),
      contextWindow: provider.contextWindow ?? model?.contextWindow ?? null,
      lacks: model?.lacks ?? NOTHING_LACKING,
    };
    known.set(provider, terms);
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

/** Only of a vendor's own API: whoever stands behind another endpoint has prices of his own. */
function knownModelOf({ type, endpoint, model }: CataloguedProvider): KnownModel | undefined {
  if (endpoint !== null) return undefined;
  const name = model.replace(/^models\//, '').replace(VERSION, '');
  return KNOWN_MODELS[type].find((entry) => entry.name === name);
}

function pricesOf({ pricing }: CataloguedProvider, model: KnownModel | undefined): ProviderTerms['prices'] {
  if (pricing !== null) return { ...pricing, source: 'provider' };
  if (model === undefined) return null;
  return {
    inputTokenCost: rounded((model.input * PRICED_TOKENS) / CATALOGUED_TOKENS),
    outputTokenCost: rounded((model.output * PRICED_TOKENS) / CATALOGUED_TOKENS),
    currency: 'USD',
    source: 'catalogue',
  };
}

/** Takes off what binary arithmetic left behind the last digit. */
function rounded(price: number): number {
  return Number(price.toPrecision(12));
}
