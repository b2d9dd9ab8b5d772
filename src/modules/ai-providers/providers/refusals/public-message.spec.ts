import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SecretMask } from '../../../../infra/logging/secret-mask.js';
import { MAX_MESSAGE_CHARS, redact } from './public-message.js';

describe('redact', () => {
  it('removes the key wherever it stands, whatever it looks like', () => {
    const words = fc.string({ maxLength: 600 });
    fc.assert(
      fc.property(words, fc.stringMatching(/^[a-z0-9]{8,40}$/), words, (before, key, after) => {
        expect(redact(before + key + after, new SecretMask([key]))).not.toContain(key);
      }),
    );
  });

  it('leaves no part of a key at the place where the message is cut', () => {
    const key = 'k'.repeat(30);
    const shown = redact('x '.repeat(240) + key, new SecretMask([key]));
    expect(shown).not.toContain('kk');
  });

  it.each([
    [
      'Incorrect API key provided: sk-proj-ab******wxyz. See the docs',
      'Incorrect API key provided: *** See the docs',
    ],
    ['bad key AIzaSyA1234567890abcdef', 'bad key ***'],
    ['sent "Bearer abc.def" to us', 'sent "Bearer ***" to us'],
    ['a task-force met', 'a task-force met'],
  ])('%p becomes %p', (text, expected) => {
    expect(redact(text, new SecretMask([]))).toBe(expected);
  });

  it('is one line of bounded length', () => {
    const shown = redact('word\n\n'.repeat(400), new SecretMask([]));
    expect(shown.length).toBe(MAX_MESSAGE_CHARS);
    expect(shown).not.toContain('\n');
  });
});
