import { describe, expect, it } from '@jest/globals';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import type { ContentPart } from '../interfaces/message.interface.js';
import { eligibility, needsOf, type EligibleDeployment, type RequestNeeds } from './eligibility.js';
import { ownDeploymentOf } from '../models/deployment.js';
import type { Feature } from '../models/feature.interface.js';

type EligibleProvider = EligibleDeployment['provider'];

function provider(more: Partial<EligibleProvider> = {}): EligibleDeployment {
  return ownDeploymentOf({
    type: 'OPENAI',
    endpoint: null,
    model: 'm-1',
    pricing: null,
    contextWindow: null,
    isActive: true,
    ...more,
  } satisfies EligibleProvider);
}

const plain: CompletionRequest = { prompt: 'Hi' };
const source = { data: 'AAAA', mediaType: 'application/octet-stream' };

function withPart(part: ContentPart): CompletionRequest {
  return { messages: [{ role: 'user', content: [{ type: 'text', text: 'see' }, part] }] };
}

describe('needsOf', () => {
  const asking: [Feature, CompletionRequest][] = [
    ['images', withPart({ type: 'image', source })],
    ['audio', withPart({ type: 'audio', source })],
    ['files', withPart({ type: 'file', source })],
    ['tools', { prompt: 'Hi', tools: [{ name: 'look', parameters: {} }] }],
    ['tools', { messages: [{ role: 'tool', content: '4', toolCallId: 'c' }] }],
    [
      'tools',
      {
        messages: [
          { role: 'assistant', content: '', toolCalls: [{ id: 'c', name: 'look', arguments: '{}' }] },
        ],
      },
    ],
    ['json_schema', { prompt: 'Hi', responseFormat: { type: 'json_schema', schema: {} } }],
  ];

  it.each(asking)('reads %s off a request', (feature, request) => {
    expect([...needsOf(request).features.keys()]).toEqual([feature]);
  });

  it('finds nothing in plain text or an empty list of tools', () => {
    expect(needsOf({ ...plain, tools: [], responseFormat: { type: 'text' } })).toEqual({
      features: new Map(),
    });
    expect(needsOf(withPart({ type: 'text', text: 'more' })).features.size).toBe(0);
  });
});

describe('eligibility', () => {
  it('has nothing against an active provider for a plain request', () => {
    expect(eligibility(provider(), needsOf(plain))).toBeNull();
  });

  it('passes over an inactive provider, whatever else it lacks', () => {
    const refusal = eligibility(provider({ isActive: false }), needsOf({ ...plain, model: 'other' }));
    expect(refusal).toEqual({ reason: 'inactive' });
  });

  it('passes over a provider of another model than the one named', () => {
    expect(eligibility(provider(), needsOf({ ...plain, model: 'm-1' }))).toBeNull();
    expect(eligibility(provider(), needsOf({ ...plain, model: 'm-10' }))?.reason).toBe('lacks_model');
  });

  it('names what the dialect cannot say of the request, and why', () => {
    const claude = provider({ type: 'ANTHROPIC' });
    const audio: ContentPart = { type: 'audio', source: { data: 'AAAA', mediaType: 'audio/wav' } };
    expect(eligibility(claude, needsOf(withPart(audio)))).toEqual({
      reason: 'lacks_feature',
      lack: { field: 'messages.0.content.1', reason: 'Anthropic does not take audio' },
    });
    expect(eligibility(provider(), needsOf(withPart(audio)))).toBeNull();
  });

  it('after a context too long asks only a larger window, or one of unknown size', () => {
    const needs = { features: new Map<Feature, string>(), contextWindowAbove: 8_000 };
    const verdicts = [8_000, 8_001, null].map((contextWindow) =>
      eligibility(provider({ contextWindow }), needs),
    );
    expect(verdicts.map((refusal) => refusal?.reason)).toEqual(['lacks_feature', undefined, undefined]);
  });

  it('knows of a well-known model what it lacks and how large its window is', () => {
    const known = provider({ model: 'gpt-4o-mini' });
    const long = { features: new Map<Feature, string>(), contextWindowAbove: 128_000 };
    expect(eligibility(known, needing('audio'))).toEqual({
      reason: 'lacks_feature',
      lack: { field: 'messages.0.content.1', reason: 'gpt-4o-mini does not take audio' },
    });
    expect(eligibility(known, long)?.reason).toBe('lacks_feature');
    expect(eligibility(provider({ model: 'gpt-4.1' }), long)).toBeNull();
  });
});

function needing(feature: Feature): RequestNeeds {
  return { features: new Map([[feature, 'messages.0.content.1']]) };
}
