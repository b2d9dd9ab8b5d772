import { describe, expect, it } from '@jest/globals';
import { APP_VARIABLES } from '../../app-config.js';
import { misspeltVariables } from './misspelt-variables.js';

const NAMES = APP_VARIABLES.map(({ name }) => name);

describe('misspeltVariables', () => {
  it('says nothing of the variables that there are, nor of others', () => {
    const env = Object.fromEntries([...NAMES, 'PATH', 'AIRFLOW_HOME'].map((name) => [name, 'x']));
    expect(misspeltVariables(NAMES, env)).toEqual([]);
  });

  it.each([
    ['AI_CACHE_TTL', 'AI_CACHE_TTL_SECONDS'],
    ['AI_API_KEY', 'AI_API_KEYS'],
    ['AI_BREAKER_FAILURE_TRESHOLD', 'AI_BREAKER_FAILURE_THRESHOLD'],
    ['AI_ENCRIPTION_KEY', 'AI_ENCRYPTION_KEY'],
    ['AI_ROUTING_STRATEGIES', 'AI_ROUTING_STRATEGY'],
  ])('knows what %s was meant to be', (name, meant) => {
    expect(misspeltVariables(NAMES, { [name]: '1' })).toEqual([
      `${name} is not a variable of this service; did you mean ${meant}?`,
    ]);
  });

  it('guesses nothing where nothing is near', () => {
    expect(misspeltVariables(NAMES, { AI_XQZ: '1' })).toEqual(['AI_XQZ is not a variable of this service']);
  });
});
