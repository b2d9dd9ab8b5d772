import { describe, expect, it } from '@jest/globals';
import { providerConfig } from '../../../../test/fakes/pipeline-bench.js';
import { changedSettings, pickSettings, settingDefaults, settingsOf } from './provider-settings.js';

const DEFAULTS = settingDefaults({
  deadlines: { connectTimeoutMs: 1, firstTokenTimeoutMs: 2, idleTimeoutMs: 3 },
  retry: { maxAttempts: 4, initialDelayMs: 5, maxDelayMs: 6, backoffMultiplier: 1 },
});
const NEW = { name: 'n', type: 'OPENAI', model: 'm' } as const;

/** Every setting at something that is not its default. */
const SET = providerConfig('p', {
  endpoint: 'https://example.com/v1',
  authHeader: 'api-key',
  maxTokens: 7,
  temperature: 0,
  topP: 0.1,
  topK: 1,
  frequencyPenalty: 0.2,
  presencePenalty: 0.3,
  stopSequences: ['x'],
  timeout: 8,
  connectTimeout: 9,
  firstTokenTimeout: 10,
  idleTimeout: 11,
  retryAttempts: 0,
  retryDelay: 0,
  rateLimit: { requestsPerMinute: 1, tokensPerMinute: 1 },
  maxConcurrency: 2,
  pricing: { inputTokenCost: 0, outputTokenCost: 0, currency: 'EUR' },
  priority: -1,
  weight: 0,
  supportsPrefill: true,
  contextWindow: 12,
  isActive: false,
});

describe('the settings of a provider', () => {
  it('are the defaults where a new one does not say, or says null', () => {
    expect(settingsOf(NEW, DEFAULTS)).toEqual({ ...DEFAULTS, ...NEW });
    const nulls = Object.fromEntries(Object.keys(DEFAULTS).map((name) => [name, null]));
    expect(settingsOf({ ...NEW, ...nulls }, DEFAULTS)).toEqual({ ...DEFAULTS, ...NEW });
  });

  it('ask for nothing that the operator did not, and give an attempt ten minutes', () => {
    expect(DEFAULTS).toMatchObject({
      maxTokens: null,
      temperature: null,
      timeout: 600_000,
      priority: 0,
      isActive: true,
    });
  });

  it.each(Object.keys(DEFAULTS) as (keyof typeof DEFAULTS)[])(
    'change in %s alone, and null puts it back',
    (name) => {
      const before = pickSettings(SET);
      expect(before[name]).not.toEqual(DEFAULTS[name]);
      const reset = changedSettings(SET, { [name]: null }, DEFAULTS);
      expect(reset).toEqual({ ...before, [name]: DEFAULTS[name] });
      const put = changedSettings(providerConfig('q'), { [name]: SET[name] }, DEFAULTS);
      expect(put).toEqual({ ...pickSettings(providerConfig('q')), [name]: SET[name] });
    },
  );

  it('keep zeros, false and empty lists as they were given', () => {
    const given = { temperature: 0, retryAttempts: 0, weight: 0, isActive: false, stopSequences: [] };
    expect(settingsOf({ ...NEW, ...given }, DEFAULTS)).toMatchObject(given);
  });

  it('have nothing of identity or key in them', () => {
    const names = Object.keys(pickSettings(SET));
    for (const name of ['id', 'apiKey', 'apiKeyHint', 'keyReadable', 'revision', 'createdAt', 'updatedAt']) {
      expect(names).not.toContain(name);
    }
  });

  it('do not change where nothing is said', () => {
    expect(changedSettings(SET, {}, DEFAULTS)).toEqual(pickSettings(SET));
  });
});
