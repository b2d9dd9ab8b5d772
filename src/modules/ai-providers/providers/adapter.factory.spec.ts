import { describe, expect, it } from '@jest/globals';
import { EgressPolicy } from '../../../infra/http-client/egress-policy.js';
import type { AIProviderConfig, AIProviderType } from '../interfaces/ai-provider.interface.js';
import { createAdapter } from './adapter.factory.js';
import { AnthropicProvider } from './anthropic.provider.js';
import { CustomProvider } from './custom.provider.js';
import { GeminiProvider } from './gemini.provider.js';
import { OpenAIProvider } from './openai.provider.js';

const egress = new EgressPolicy({ production: false, allow: [] });

function config(type: AIProviderType, endpoint: string | null): AIProviderConfig {
  return {
    id: 'p-1',
    name: 'p',
    type,
    endpoint,
    authHeader: 'bearer',
    headers: [],
    headerNames: [],
    purgedAt: null,
    model: 'm',
    maxTokens: 1,
    temperature: 0,
    topP: null,
    topK: null,
    frequencyPenalty: null,
    presencePenalty: null,
    stopSequences: null,
    timeout: 1,
    connectTimeout: 1,
    firstTokenTimeout: 1,
    idleTimeout: 1,
    retryAttempts: 1,
    retryDelay: 1,
    rateLimit: null,
    maxConcurrency: null,
    pricing: null,
    priority: 0,
    weight: 1,
    supportsPrefill: false,
    contextWindow: null,
    isActive: true,
    apiKey: { reveal: () => 'k' },
    apiKeyHint: null,
    keyReadable: true,
    revision: 1n,
    createdAt: new Date(0),
    updatedAt: new Date(0),
  };
}

describe('createAdapter', () => {
  it.each([
    ['OPENAI', OpenAIProvider],
    ['ANTHROPIC', AnthropicProvider],
    ['GOOGLE', GeminiProvider],
    ['CUSTOM', CustomProvider],
  ] as const)(
    'makes a %s adapter, with and without an endpoint where the vendor has its own',
    async (type, made) => {
      const endpoints = type === 'CUSTOM' ? ['http://127.0.0.1:9/v1'] : ['http://127.0.0.1:9/v1', null];
      for (const endpoint of endpoints) {
        const adapter = createAdapter(config(type, endpoint), egress);
        expect(adapter).toBeInstanceOf(made);
        await adapter.close();
      }
    },
  );

  it('refuses a custom provider without an endpoint', () => {
    const make = (): unknown => createAdapter(config('CUSTOM', null), egress);
    expect(make).toThrow(expect.objectContaining({ fault: 'invalid_request' }));
  });
});
