import { describe, expect, it } from '@jest/globals';
import { providerConfig } from '../../../../../test/fakes/pipeline-bench.js';
import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { AIProviderConfig } from '../../interfaces/ai-provider.interface.js';
import type { CompletionRequest } from '../../interfaces/completion.interface.js';
import { deploymentAskedOf } from '../../models/deployment.js';
import { toProviderCall } from './to-provider-call.js';

const callOf = (request: CompletionRequest, provider: AIProviderConfig): ProviderCall =>
  toProviderCall(request, deploymentAskedOf(provider, request));

const configured = providerConfig('p', {
  maxTokens: 100,
  temperature: 0.5,
  topP: 0.9,
  topK: 40,
  frequencyPenalty: 1,
  presencePenalty: -1,
  stopSequences: ['END'],
});

describe('toProviderCall', () => {
  it('takes from the provider what the request leaves open', () => {
    expect(callOf({ prompt: 'Hi' }, configured)).toMatchObject({
      model: 'model',
      messages: [{ role: 'user', content: 'Hi' }],
      maxTokens: 100,
      temperature: 0.5,
      topP: 0.9,
      topK: 40,
      frequencyPenalty: 1,
      presencePenalty: -1,
      stopSequences: ['END'],
    });
  });

  it('takes the request’s word over the provider’s, zeros and empty lists included', () => {
    const asked = {
      maxTokens: 1,
      temperature: 0,
      topP: 0,
      topK: 1,
      frequencyPenalty: 0,
      presencePenalty: 0,
      stopSequences: [],
      seed: 0,
    };
    expect(callOf({ prompt: 'Hi', ...asked }, configured)).toMatchObject(asked);
  });

  it('leaves out what neither of them says', () => {
    const call = callOf({ prompt: 'Hi' }, providerConfig('p'));
    expect(call.topP).toBeUndefined();
    expect(call.stopSequences).toBeUndefined();
    expect(call.system).toBeUndefined();
  });

  it('gathers all that is said to the system, the prompt of its own first', () => {
    const call = callOf(
      {
        systemPrompt: 'One',
        messages: [
          { role: 'system', content: 'Two' },
          { role: 'user', content: 'Hi' },
          { role: 'system', content: [{ type: 'text', text: 'Three' }] },
        ],
      },
      configured,
    );
    expect(call.system).toBe('One\n\nTwo\n\nThree');
    expect(call.messages).toEqual([{ role: 'user', content: 'Hi' }]);
  });

  it('asks a pinned provider for the model that is named, any other for its own', () => {
    expect(callOf({ prompt: 'Hi', model: 'named', providerId: 'p' }, configured).model).toBe('named');
    expect(callOf({ prompt: 'Hi', model: 'named' }, configured).model).toBe('model');
  });
});
