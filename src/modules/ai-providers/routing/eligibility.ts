import { asksForMore, lackOf } from '../dialects/lack-of.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { Lack, Refusal } from '../interfaces/attempt.interface.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import type { ContentPart } from '../interfaces/message.interface.js';
import type { Feature } from '../models/feature.interface.js';
import type { Deployment } from '../models/deployment.js';

/** What a request demands of its provider. */
export interface RequestNeeds {
  /** The model it names; undefined where any will do. */
  model?: string;
  /** Each with the field that first asks for it. */
  features: ReadonlyMap<Feature, string>;
  /** The request itself, where it asks for more than plain text: what a dialect cannot say of it is a lack. */
  beyondText?: CompletionRequest;
  /** After a try that was too long for a window of this size: only a larger one, or one of unknown size, will do. */
  contextWindowAbove?: number;
}

/** What is looked at of a deployment. */
export type EligibleDeployment = Deployment<
  Pick<AIProviderConfig, 'isActive' | 'model' | 'type' | 'contextWindow' | 'endpoint' | 'pricing'>
>;

/** Of a request for plain text. */
const NO_FEATURES: ReadonlyMap<Feature, string> = new Map();

/** Reads off a request what it demands. A tool's earlier call or answer in the messages counts as tools. */
export function needsOf(request: CompletionRequest): RequestNeeds {
  let features: Map<Feature, string> | undefined;
  const need = (feature: Feature, field: string): void => {
    features ??= new Map();
    if (!features.has(feature)) features.set(feature, field);
  };
  if (request.tools && request.tools.length > 0) need('tools', 'tools');
  if (request.responseFormat?.type === 'json_schema') need('json_schema', 'responseFormat');
  request.messages?.forEach(({ role, content, toolCalls }, index) => {
    if (role === 'tool' || (toolCalls && toolCalls.length > 0)) need('tools', `messages.${index}`);
    if (typeof content === 'string') return;
    content.forEach((part, place) => {
      const feature = featureOf(part);
      if (feature) need(feature, `messages.${index}.content.${place}`);
    });
  });
  return {
    model: request.model,
    features: features ?? NO_FEATURES,
    beyondText: asksForMore(request) ? request : undefined,
  };
}

/**
 * Why a deployment cannot serve such a request whenever it is asked; null where it can. What changes from moment to
 * moment (circuit, limits, slots) and whether the provider's key can be read is not checked here.
 */
export function eligibility(
  { provider, model, terms }: EligibleDeployment,
  needs: RequestNeeds,
): Refusal | null {
  if (!provider.isActive) return INACTIVE;
  if (needs.model !== undefined && needs.model !== model) return LACKS_MODEL;
  const { lacks, contextWindow } = terms;
  for (const feature of lacks) {
    const field = needs.features.get(feature);
    if (field !== undefined) return lacking({ field, reason: `${model} does not take ${WORDS[feature]}` });
  }
  const { beyondText } = needs;
  if (beyondText !== undefined) {
    const lack = lackOf(provider, model, beyondText);
    if (lack !== null) return lacking(lack);
  }
  return windowIsTooSmall(contextWindow, needs) ? lacking(TOO_LONG) : null;
}

const INACTIVE: Refusal = { reason: 'inactive' };
const LACKS_MODEL: Refusal = { reason: 'lacks_model' };
const TOO_LONG: Lack = { field: 'messages', reason: 'its context window is too small for this request' };

const WORDS: Readonly<Record<Feature, string>> = {
  images: 'images',
  audio: 'audio',
  files: 'files',
  tools: 'tools',
  json_schema: 'a schema for its answer',
};

function lacking(lack: Lack): Refusal {
  return { reason: 'lacks_feature', lack };
}

function windowIsTooSmall(contextWindow: number | null, { contextWindowAbove }: RequestNeeds): boolean {
  return contextWindowAbove !== undefined && contextWindow !== null && contextWindow <= contextWindowAbove;
}

function featureOf(part: ContentPart): Feature | null {
  switch (part.type) {
    case 'text':
    case 'other':
      return null;
    case 'image':
      return 'images';
    case 'audio':
      return 'audio';
    case 'file':
      return 'files';
  }
}
