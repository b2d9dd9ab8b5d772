import { describe, expect, it } from '@jest/globals';
import { providerConfig } from '../../../../../test/fakes/pipeline-bench.js';
import { EgressPolicy } from '../../../../infra/http-client/egress-policy.js';
import { AIError } from '../../errors/ai.error.js';
import type { AIProviderConfig, AIProviderType } from '../../interfaces/ai-provider.interface.js';
import { assertNothingRequiredCleared, assertProviderRules } from './provider-rules.js';
import { pickSettings } from '../provider-settings.js';

const egress = new EgressPolicy({ production: true, allow: [] });
const KEPT = undefined;

/** The problems found with a provider as it would be stored. */
function problems(
  more: Partial<AIProviderConfig>,
  apiKey: string | null | undefined,
  current?: Partial<AIProviderConfig>,
): string[] {
  const settings = pickSettings(providerConfig('p', more));
  const before = current && providerConfig('p', current);
  const stored = before && {
    type: before.type,
    endpoint: before.endpoint,
    hasKey: before.apiKey !== null,
    headerNames: before.headerNames,
    isPurged: before.purgedAt !== null,
  };
  try {
    assertProviderRules({ settings, given: { apiKey }, stored, hasVariable: () => false }, egress);
    return [];
  } catch (error) {
    if (error instanceof AIError && error.code === 'VALIDATION_FAILED')
      return (error.problems ?? []).map(({ message }) => message);
    throw error;
  }
}

describe('the rules of a provider', () => {
  it.each<[AIProviderType, string | null, boolean]>([
    ['OPENAI', 'sk-1', true],
    ['OPENAI', null, false],
    ['ANTHROPIC', null, false],
    ['GOOGLE', null, false],
    ['CUSTOM', null, true],
  ])('want a key of %s: with %j that is %s', (type, apiKey, fine) => {
    const endpoint = type === 'CUSTOM' ? 'https://llm.example.com/v1' : null;
    expect(problems({ type, endpoint }, apiKey)).toEqual(
      fine ? [] : [expect.stringMatching(/^apiKey must be given/)],
    );
  });

  it('let a deactivated provider go without its key', () => {
    expect(problems({ isActive: false }, null)).toEqual([]);
  });

  it.each(['with space', 'line\nbreak', 'schlüssel', ''])(
    'refuse a key that no header can carry: %j',
    (apiKey) => {
      expect(problems({}, apiKey)).toEqual([expect.stringContaining('visible ASCII')]);
    },
  );

  it.each<[string, string | null]>([
    ['must be given', null],
    ['endpoint', 'http://169.254.169.254/latest'],
    ['endpoint', 'http://2852039166/'],
    ['endpoint', 'http://127.0.0.1:8080'],
  ])('refuse an endpoint, naming it (%s): %s', (said, endpoint) => {
    const found = problems({ type: 'CUSTOM', endpoint }, null);
    expect(found).toEqual([expect.stringMatching(/^endpoint /)]);
    expect(found[0]).toContain(said);
  });

  it('name every field at fault at once', () => {
    expect(problems({ type: 'CUSTOM', endpoint: null }, 'not a key')).toHaveLength(2);
  });
});

describe('a stored key', () => {
  const at = (endpoint: string | null, type: AIProviderType = 'OPENAI'): Partial<AIProviderConfig> => ({
    type,
    endpoint,
  });

  it.each([
    ['moves to another host', at('https://evil.example.com'), at(null)],
    ['comes back to the vendor', at(null), at('https://proxy.example.com')],
    ['moves between hosts', at('https://b.example.com'), at('https://a.example.com')],
    ['becomes another vendor’s', at(null, 'ANTHROPIC'), at(null, 'OPENAI')],
    ['changes its port', at('https://a.example.com:8443'), at('https://a.example.com')],
    ['goes in clear', at('http://a.example.com'), at('https://a.example.com')],
    ['keeps its host but not its type', at('https://a.example.com', 'CUSTOM'), at('https://a.example.com')],
  ])('must be given anew when the endpoint %s', (_, after, before) => {
    expect(problems(after, KEPT, before)).toEqual([expect.stringMatching(/endpoint.*new apiKey/)]);
    expect(problems(after, 'sk-new', before)).toEqual([]);
  });

  it.each([
    ['the path changes', at('https://a.example.com/v2'), at('https://a.example.com/v1')],
    ['the vendor’s own host is spelt out', at('https://api.openai.com/v1'), at(null)],
    ['nothing about it changes', at(null), at(null)],
  ])('stays where %s', (_, after, before) => {
    expect(problems(after, KEPT, before)).toEqual([]);
  });

  it('that has been purged is wanted again before the provider may serve', () => {
    const purged = { apiKey: null, apiKeyHint: null, purgedAt: new Date(0) };
    expect(problems({ isActive: true }, KEPT, purged)).toEqual([
      expect.stringMatching(/^apiKey must be given/),
    ]);
    expect(problems({ isActive: false }, KEPT, purged)).toEqual([]);
  });
});

describe('a change', () => {
  it('may not take away what a provider cannot be without, and names all of it', () => {
    const clear = { name: null, type: null, model: null, endpoint: null, topP: null };
    expect(() => assertNothingRequiredCleared(clear as never)).toThrow(
      expect.objectContaining({
        problems: ['name', 'type', 'model'].map((field) => ({ field, message: `${field} must not be null` })),
      }),
    );
    expect(() => assertNothingRequiredCleared({ topP: null, rateLimit: null })).not.toThrow();
  });
});
