import { describe, expect, it } from '@jest/globals';
import { providerConfig } from '../../../../test/fakes/pipeline-bench.js';
import type { CompletionRequest } from '../interfaces/completion.interface.js';
import { planRoute, type Route, type RouteKnowledge } from './plan-route.js';

const PROVIDERS = [
  providerConfig('a', { model: 'm1' }),
  providerConfig('b', { model: 'm2' }),
  providerConfig('c', { model: 'm1' }),
  providerConfig('claude', { model: 'm2', type: 'ANTHROPIC' }),
  providerConfig('off', { model: 'm1', isActive: false }),
  providerConfig('locked', { model: 'm2', keyReadable: false }),
];

/** Backwards, so that an order that was asked for can be told from one that came by itself. */
const backwards = <T>(providers: T[]): T[] => [...providers].reverse();

function plan(
  request: Partial<CompletionRequest> = {},
  knowledge: RouteKnowledge = {},
  providers = PROVIDERS,
): Route {
  return planRoute(providers, { prompt: 'Hi', ...request } as CompletionRequest, backwards, knowledge);
}

const ids = ({ ordered }: Route): string[] => ordered.map(({ provider }) => provider.id);
const reasons = ({ skipped }: Route): string[] =>
  skipped.map(({ deployment, refusal }) => `${deployment.provider.id} ${refusal.reason}`).sort();

describe('planRoute', () => {
  it('asks everybody who can serve, in the order of the strategy, and says why the others not', () => {
    const route = plan();
    expect(ids(route)).toEqual(['claude', 'c', 'b', 'a']);
    expect(reasons(route)).toEqual(['locked key_unreadable', 'off inactive']);
  });

  it('narrows to the model that is named', () => {
    const route = plan({ model: 'm1' });
    expect(ids(route)).toEqual(['c', 'a']);
    expect(reasons(route)).toEqual([
      'b lacks_model',
      'claude lacks_model',
      'locked lacks_model',
      'off inactive',
    ]);
  });

  it('asks for the fallbacks after the model, in their order, each provider once', () => {
    expect(ids(plan({ model: 'm2', fallbacks: ['nowhere', 'm1', 'm2'] }))).toEqual(['claude', 'b', 'c', 'a']);
    expect(ids(plan({ model: 'nowhere', fallbacks: ['m2'] }))).toEqual(['claude', 'b']);
  });

  it('has nobody for a model that nobody serves', () => {
    expect(ids(plan({ model: 'nowhere' }))).toEqual([]);
  });

  it('gives a pinned request its provider alone, whatever model it names', () => {
    expect(ids(plan({ providerId: 'b' }))).toEqual(['b']);
    expect(ids(plan({ providerId: 'b', model: 'm1', fallbacks: ['m1'] }))).toEqual(['b']);
    expect(reasons(plan({ providerId: 'locked' }))).toEqual(['locked key_unreadable']);
    expect(ids(plan({ providerId: 'nobody' }))).toEqual([]);
  });

  it('passes over who lacks a feature', () => {
    const audio: Partial<CompletionRequest> = {
      prompt: undefined,
      messages: [
        { role: 'user', content: [{ type: 'audio', source: { data: 'AAAA', mediaType: 'audio/wav' } }] },
      ],
    };
    const route = plan(audio);
    expect(ids(route)).not.toContain('claude');
    expect(reasons(route)).toContain('claude lacks_feature');
    expect(reasons(plan({ ...audio, providerId: 'claude' }))).toEqual(['claude lacks_feature']);
  });

  it('passes over windows that are known to be too small once one was', () => {
    const windows = [4_000, 8_000, 9_000, null].map((contextWindow) =>
      providerConfig(String(contextWindow), { contextWindow }),
    );
    expect(ids(plan({}, { contextWindowAbove: 8_000 }, windows))).toEqual(['null', '9000']);
  });

  it('does not ask for an order of one', () => {
    const never = (): never => {
      throw new Error('there is nothing to order');
    };
    expect(ids(planRoute(PROVIDERS, { prompt: 'Hi', providerId: 'a' }, never))).toEqual(['a']);
  });
});
