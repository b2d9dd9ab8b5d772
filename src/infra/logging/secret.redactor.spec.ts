import { describe, expect, it } from '@jest/globals';
import { redactFields, redactText } from './secret.redactor.js';

const PIECES = [
  'a',
  'a.',
  'a.a.a://',
  'a://u:',
  'sk-',
  'Bearer ',
  'authorization',
  'authorization ',
  'api-key=',
  '?key=',
  '\u0001',
  '[',
  '://',
  'AQ.',
];

/** Milliseconds for a text of so many characters, the best of three. */
function time(piece: string, chars: number): number {
  const text = piece.repeat(Math.ceil(chars / piece.length));
  const once = (): number => {
    const before = performance.now();
    redactText(`https://${text}`);
    return performance.now() - before;
  };
  return Math.min(once(), once(), once());
}

describe('redactText', () => {
  it.each(PIECES)('works in proportion to a text of %p', (piece) => {
    time(piece, 10_000);
    expect(time(piece, 120_000)).toBeLessThan(Math.max(100, 4 * 4 * time(piece, 30_000)));
  });

  it('blanks what looks like a key of any vendor, and passwords of URLs', () => {
    const text = 'sk-proj-abcdef gsk_abcdefghijk xai-abcdefghijk AIzaSyA123456789 postgres://u:pass@host/db';
    expect(redactText(text)).toBe('*** *** *** *** postgres://u:***@host/db');
  });
});

describe('redactFields', () => {
  it('keeps a line small, whatever a caller put into it', () => {
    const metadata = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`k${at}`, 'x']));
    const fields = redactFields({ metadata, text: '\u0001'.repeat(100_000), list: new Array(5_000).fill(1) });
    expect(JSON.stringify(fields).length).toBeLessThan(40_000);
    const secret = `${'x'.repeat(4_090)} sk-proj-abcdefghijklmnop`;
    expect(JSON.stringify(redactFields({ secret: 1, text: secret }))).not.toContain('sk-p');
  });
});
