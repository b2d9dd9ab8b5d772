import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { APP_VARIABLES, loadConfig } from './app-config.js';

const EXAMPLE = parseEnv(readFileSync('.env.example', 'utf8'));

describe('.env.example', () => {
  it('names every variable, and nothing else', () => {
    expect(Object.keys(EXAMPLE).sort()).toEqual(APP_VARIABLES.map(({ name }) => name).sort());
  });

  it('holds no value for a secret', () => {
    const secrets = APP_VARIABLES.filter(({ isSecret }) => isSecret).map(({ name }) => name);
    expect(secrets).toContain('AI_ENCRYPTION_KEY');
    expect(secrets.filter((name) => EXAMPLE[name] !== '')).toEqual([]);
  });

  it('copied to .env changes nothing: its values read back as the defaults', () => {
    expect(loadConfig(EXAMPLE)).toEqual(loadConfig({}));
  });
});
