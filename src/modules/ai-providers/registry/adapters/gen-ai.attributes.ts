import type { AIProviderType } from '../../interfaces/ai-provider.interface.js';

/**
 * Names of OpenTelemetry's conventions for generative AI:
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-spans.md
 */
export const GEN_AI = {
  operation: 'gen_ai.operation.name',
  provider: 'gen_ai.provider.name',
  requestModel: 'gen_ai.request.model',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  requestTemperature: 'gen_ai.request.temperature',
  responseModel: 'gen_ai.response.model',
  responseId: 'gen_ai.response.id',
  finishReasons: 'gen_ai.response.finish_reasons',
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  tokenType: 'gen_ai.token.type',
  errorType: 'error.type',
} as const;

/** The one operation there is. */
export const CHAT = 'chat';

/** Well-known values of `gen_ai.provider.name`; a compatible endpoint has none. */
const PROVIDER_NAMES: Readonly<Record<AIProviderType, string>> = {
  OPENAI: 'openai',
  ANTHROPIC: 'anthropic',
  GOOGLE: 'gcp.gemini',
  CUSTOM: 'openai_compatible',
};

/** What a provider of that type is called there. */
export function providerNameOf(type: AIProviderType): string {
  return PROVIDER_NAMES[type];
}
