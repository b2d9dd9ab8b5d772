import type { AIProviderConfig, AIProviderType } from '../interfaces/ai-provider.interface.js';
import type { SkipReason } from '../interfaces/attempt.interface.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import type { ContentPart } from '../interfaces/message.interface.js';
import type { Feature } from './feature.interface.js';
import { termsOf } from './provider-terms.js';

/** What a request demands of whoever serves it. */
export interface RequestNeeds {
  /** The model it names; undefined where any will do. */
  model?: string;
  features: ReadonlySet<Feature>;
  /** After a try that was too long for a window of this size: only a larger one, or one of unknown size, will do. */
  contextWindowAbove?: number;
}

const EVERYTHING: ReadonlySet<Feature> = new Set(['images', 'audio', 'files', 'tools', 'json_schema']);

/**
 * What each dialect can carry. Anthropic's Messages API has no audio block. A custom endpoint speaks OpenAI's dialect;
 * what its model lacks is not known here, and unknown is not lacking.
 */
const FEATURES: Record<AIProviderType, ReadonlySet<Feature>> = {
  OPENAI: EVERYTHING,
  ANTHROPIC: new Set(['images', 'files', 'tools', 'json_schema']),
  GOOGLE: EVERYTHING,
  CUSTOM: EVERYTHING,
};

/** What is looked at of a provider. */
export type EligibleProvider = Pick<
  AIProviderConfig,
  'isActive' | 'model' | 'type' | 'contextWindow' | 'endpoint' | 'pricing'
>;

/** Reads off a request what it demands. A tool's earlier call or answer in the messages counts as tools. */
export function needsOf(request: CompletionRequest): RequestNeeds {
  const features = new Set<Feature>();
  if (request.tools && request.tools.length > 0) features.add('tools');
  if (request.responseFormat?.type === 'json_schema') features.add('json_schema');
  for (const { role, content, toolCalls } of request.messages ?? []) {
    if (role === 'tool' || (toolCalls && toolCalls.length > 0)) features.add('tools');
    if (typeof content === 'string') continue;
    for (const part of content) {
      const feature = featureOf(part);
      if (feature) features.add(feature);
    }
  }
  return { model: request.model, features };
}

/**
 * Why a provider cannot serve such a request whenever it is asked; null where it can. What changes from moment to
 * moment (circuit, limits, slots) and whether its key can be read is decided elsewhere.
 */
export function eligibility(provider: EligibleProvider, needs: RequestNeeds): SkipReason | null {
  if (!provider.isActive) return 'inactive';
  if (needs.model !== undefined && needs.model !== provider.model) return 'lacks_model';
  const features = FEATURES[provider.type];
  const { lacks, contextWindow } = termsOf(provider);
  for (const feature of needs.features) {
    if (!features.has(feature) || lacks.includes(feature)) return 'lacks_feature';
  }
  return windowIsTooSmall(contextWindow, needs) ? 'lacks_feature' : null;
}

function windowIsTooSmall(contextWindow: number | null, { contextWindowAbove }: RequestNeeds): boolean {
  return contextWindowAbove !== undefined && contextWindow !== null && contextWindow <= contextWindowAbove;
}

function featureOf(part: ContentPart): Feature | null {
  switch (part.type) {
    case 'text':
      return null;
    case 'image':
      return 'images';
    case 'audio':
      return 'audio';
    case 'file':
      return 'files';
  }
}
