import type { AIProviderType } from '../../interfaces/ai-provider.interface.js';
import { ANTHROPIC_MODELS } from './anthropic.models.js';
import { GEMINI_MODELS } from './gemini.models.js';
import type { KnownModel } from './known-model.interface.js';
import { OPENAI_MODELS } from './openai.models.js';

/** Public list prices and limits of well-known models, for providers that were registered without a price. */
export const KNOWN_MODELS: Readonly<Record<AIProviderType, readonly KnownModel[]>> = {
  OPENAI: OPENAI_MODELS,
  ANTHROPIC: ANTHROPIC_MODELS,
  GOOGLE: GEMINI_MODELS,
  CUSTOM: [],
};
