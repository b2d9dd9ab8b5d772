import { providerConfig } from '../../../../test/fakes/pipeline-bench.js';
import { KNOWN_MODELS } from './catalogue/known-models.js';
import { termsOf } from './provider-terms.js';

const MINI = {
  inputTokenCost: 0.00075,
  cachedInputTokenCost: 0.000075,
  outputTokenCost: 0.0045,
  currency: 'USD',
};
const OWN = { inputTokenCost: 1, outputTokenCost: 2, currency: 'EUR' };

describe('the terms of a provider', () => {
  it('are the operator’s where he named them', () => {
    const provider = providerConfig('one', { model: 'gpt-5.4-mini', pricing: OWN, contextWindow: 100 });
    expect(termsOf(provider)).toMatchObject({ prices: { ...OWN, source: 'provider' }, contextWindow: 100 });
  });

  it.each(['gpt-5.4-mini', 'gpt-5.4-mini-2026-03-17', 'gpt-5.4-mini-latest'])(
    'are the catalogue’s for %s, and say so',
    (model) => {
      const terms = termsOf(providerConfig('one', { model }));
      expect(terms.prices).toEqual({ ...MINI, source: 'catalogue' });
      expect(terms.contextWindow).toBe(400_000);
    },
  );

  it.each([
    ['ANTHROPIC', 'claude-haiku-4-5-20251001', 0.001, 0.005],
    ['GOOGLE', 'models/gemini-2.5-flash', 0.0003, 0.0025],
    ['GOOGLE', 'gemini-2.5-flash-001', 0.0003, 0.0025],
  ] as const)('of %s’s %s are found', (type, model, inputTokenCost, outputTokenCost) => {
    const { prices } = termsOf(providerConfig('one', { type, model }));
    expect(prices).toMatchObject({ inputTokenCost, outputTokenCost, currency: 'USD' });
  });

  it.each([
    ['a model nobody wrote down', { model: 'gpt-5.4-mini-turbo' }],
    ['another vendor’s model', { type: 'ANTHROPIC', model: 'gpt-5.4-mini' }],
    ['an endpoint of its own', { model: 'gpt-5.4-mini', endpoint: 'https://proxy.example/v1' }],
    ['a compatible endpoint', { type: 'CUSTOM', model: 'gpt-5.4-mini', endpoint: 'https://x.example' }],
  ] as const)('are unknown for %s', (_, more) => {
    expect(termsOf(providerConfig('one', more))).toEqual({
      prices: null,
      contextWindow: null,
      maxOutput: null,
      lacks: [],
    });
  });

  it('are read once for a configuration, and for a model of the catalogue', () => {
    const provider = providerConfig('one', { model: 'gpt-5.4-mini' });
    expect(termsOf(provider)).toBe(termsOf(provider));
    expect(termsOf(provider, 'gpt-5')).toBe(termsOf(providerConfig('two'), 'gpt-5'));
  });

  it('with another model are the catalogue’s for that one, whatever the operator said of its own', () => {
    const provider = providerConfig('one', { model: 'gpt-5', pricing: OWN, contextWindow: 100 });
    expect(termsOf(provider, 'gpt-5.4-mini')).toMatchObject({
      prices: { ...MINI, source: 'catalogue' },
      contextWindow: 400_000,
    });
    expect(termsOf(provider, 'nobody knows')).toMatchObject({ prices: null, contextWindow: null });
    const elsewhere = { ...provider, endpoint: 'https://proxy.example/v1' };
    expect(termsOf(elsewhere, 'gpt-5.4-mini')).toMatchObject({ prices: null, contextWindow: null });
  });

  it('have the catalogue’s cache prices and tiers', () => {
    const claude = termsOf(providerConfig('one', { type: 'ANTHROPIC', model: 'claude-sonnet-4-5' }));
    expect(claude.prices).toMatchObject({
      inputTokenCost: 0.003,
      cachedInputTokenCost: 0.0003,
      cacheWriteTokenCost: 0.00375,
      cacheWrite1hTokenCost: 0.006,
    });
    const gemini = termsOf(providerConfig('one', { type: 'GOOGLE', model: 'gemini-2.5-pro' }));
    expect(gemini.prices?.tiers).toEqual([
      {
        abovePromptTokens: 200_000,
        inputTokenCost: 0.0025,
        cachedInputTokenCost: 0.00025,
        outputTokenCost: 0.015,
      },
    ]);
  });
});

describe('the catalogue', () => {
  it.each(Object.values(KNOWN_MODELS).flat())('has prices, a window, a source and a date: $name', (model) => {
    expect(model.input).toBeGreaterThan(0);
    expect(model.output).toBeGreaterThanOrEqual(model.input);
    expect(model.contextWindow).toBeGreaterThanOrEqual(100_000);
    expect(model.source).toMatch(/^https:\/\//);
    expect(model.asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  it.each(Object.entries(KNOWN_MODELS))('names each model of %s once', (_, models) => {
    expect(new Set(models.map(({ name }) => name)).size).toBe(models.length);
  });
});
