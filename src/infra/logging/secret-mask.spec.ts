import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SCANNED_CHARS, SecretMask } from './secret-mask.js';

const KEY = fc.stringMatching(/^[A-Za-z0-9_-]{16,60}$/);
const PAD = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.constantFrom('', ' '.repeat(500), 'x'.repeat(499), '{"error":"', '\n\n', '%%%', '\\'),
);

const percent = (text: string): string =>
  [...text].map((char) => `%${char.charCodeAt(0).toString(16)}`).join('');

/** Ways in which a server may write what it was sent, each with the way back. */
const WRITINGS: [name: string, write: (key: string, seed: number) => string][] = [
  ['plain', (key) => key],
  ['upper case', (key) => key.toUpperCase()],
  ['percent', percent],
  ['percent in upper case', (key) => percent(key).toUpperCase()],
  [
    'percent in part',
    (key, seed) => [...key].map((char, at) => ((at + seed) % 3 ? char : percent(char))).join(''),
  ],
  ['percent twice', (key) => percent(key).replaceAll('%', '%25')],
  ['JSON escapes', (key) => [...key].map((char) => `\\u00${char.charCodeAt(0).toString(16)}`).join('')],
  [
    'JSON escapes in part',
    (key, seed) =>
      [...key]
        .map((char, at) => ((at + seed) % 2 ? char : `\\u00${char.charCodeAt(0).toString(16).toUpperCase()}`))
        .join(''),
  ],
  ['HTML escapes', (key) => [...key].map((char) => `&#${char.charCodeAt(0)};`).join('')],
  ['hex', (key) => Buffer.from(key).toString('hex')],
  ['hex in upper case', (key) => Buffer.from(key).toString('hex').toUpperCase()],
  ['base64', (key, seed) => Buffer.from('u'.repeat(seed % 3) + key).toString('base64')],
  ['base64 of a pair', (key, seed) => Buffer.from(`${'u'.repeat(seed % 3)}:${key}:x`).toString('base64')],
  ['base64url', (key, seed) => Buffer.from('u'.repeat(seed % 3) + key).toString('base64url')],
  ['line breaks', (key) => key.replace(/.{5}/g, '$&\n')],
];

/** Whether some way of reading the text shows 8 characters of the key in a row. */
function shows(text: string, key: string): boolean {
  const decoded = decodeURIComponent(text.replace(/%(?![0-7][0-9a-f])/gi, '%25'));
  const views = [text, decoded, text.replace(/\s/g, '')].map((view) => view.toLowerCase());
  const hex = Buffer.from(key).toString('hex');
  for (let at = 0; at + 8 <= key.length; at++) {
    const part = key.slice(at, at + 8).toLowerCase();
    const inHex = hex.slice(at * 2, at * 2 + 16);
    if (views.some((view) => view.includes(part) || view.includes(inHex))) return true;
  }
  return false;
}

describe('SecretMask', () => {
  it.each(WRITINGS)('leaves nothing of a key written as %s, however it is padded and cut', (name, write) => {
    fc.assert(
      fc.property(
        KEY,
        PAD,
        PAD,
        fc.nat(2),
        fc.nat(12),
        fc.nat(12),
        (key, before, after, seed, head, tail) => {
          const written = write(key, seed);
          const cut = written.slice(head, written.length - tail);
          const clean = new SecretMask([key]).apply(before + cut + after);
          if (!shows(before + after, key)) expect(shows(clean, key)).toBe(false);
          if (!name.includes('base64')) return;
          // What is left of the key is less than a window at either end.
          for (let at = 0; at + 11 <= written.length; at++) {
            const part = written.slice(at, at + 11);
            if (part.includes('=') || at < 4 || at + 15 > written.length) continue;
            expect(clean).not.toContain(part);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('hides the whole of a key and nothing beside it', () => {
    const key = 'sk-test-0123456789abcdefghij';
    expect(new SecretMask([key]).apply(`The key "${key}" is wrong`)).toBe('The key "***" is wrong');
    expect(new SecretMask([key]).apply(`cut ${key.slice(0, 12)}`)).toBe('cut ***');
    expect(new SecretMask([key]).apply('a sentence 100% sound, with \\n and %20')).toBe(
      'a sentence 100% sound, with \\n and %20',
    );
  });

  it('drops what it does not look at', () => {
    const key = 'k'.repeat(4) + 'ey-of-a-test-0123';
    const clean = new SecretMask([key]).apply(' '.repeat(SCANNED_CHARS - 6) + key);
    expect(clean.length).toBeLessThanOrEqual(SCANNED_CHARS);
    expect(clean).not.toContain(key.slice(0, 8));
  });

  it('does nothing without a secret, and masks a short one', () => {
    expect(new SecretMask(['']).apply('anything')).toBe('anything');
    expect(new SecretMask(['abc']).apply('x abc y')).toBe('x *** y');
  });

  it.each(['a', '%', '%41', '\\u0061', '\\', '&#', ' ', '0'])(
    'works in proportion to the text of %p',
    (piece) => {
      const mask = new SecretMask(['0123456789abcdef'.repeat(4)]);
      const time = (chars: number): number => {
        const text = piece.repeat(Math.ceil(chars / piece.length));
        const before = performance.now();
        mask.apply(text);
        return performance.now() - before;
      };
      time(16_000);
      expect(time(64_000)).toBeLessThan(Math.max(200, 40 * time(16_000)));
    },
  );
});
