/** What stands in the place of a secret. */
export const MASK = '***';

/** So many characters of a text are scanned; the rest is dropped, because it may contain a secret. */
export const SCANNED_CHARS = 64 * 1024;

/** So many characters of a secret in a row show it, in whatever form: half of a key is one too. */
const GRAM_CHARS = 8;

/** Of a shorter one only the whole is masked: its pieces are words like any other. */
const SHORT_SECRET_CHARS = 16;

/** A text as it reads once its escapes are undone: each character with the place that it has in the text itself. */
interface Reading {
  text: string;
  from: Int32Array;
  to: Int32Array;
}

/** `%2B`, `\u002b`, `\x2b`, `&#43;`, `&#x2b;`, a backslash before a character, and what is not seen: blanks, line ends. */
const ESCAPE =
  /%([0-9a-f]{2})|\\u([0-9a-f]{4})|\\x([0-9a-f]{2})|&#(\d{1,7});|&#x([0-9a-f]{1,6});|\\(["'\\/])|[\s\u200b-\u200d\u2060\ufeff]|\\[nrt]/gi;

/**
 * Masks secrets wherever they stand in a text: plain, in any case, percent-encoded in whole or in part, as JSON or HTML
 * escapes, twice over too, in hex, in base64 and base64url at any of the three alignments, broken by blanks, whole or cut.
 * The work is linear in the text.
 */
export class SecretMask {
  /** Pieces of the secrets in all their forms, by length. */
  private readonly grams = new Map<number, Set<string>>();

  constructor(secrets: readonly string[]) {
    for (const secret of secrets) if (secret !== '') this.learn(secret);
  }

  /** The beginning of the text, as far as it is scanned, without the secret. */
  apply(given: string): string {
    const text = given.length > SCANNED_CHARS ? given.slice(0, SCANNED_CHARS) : given;
    if (this.grams.size === 0 || text === '') return text;
    const hidden = new Uint8Array(text.length);
    const plain = asItIs(text);
    const once = unescaped(plain);
    let found = this.mark(plain, hidden);
    if (once.text.length !== text.length) {
      found = this.mark(once, hidden) || found;
      found = this.mark(unescaped(once), hidden) || found;
    }
    return found ? masked(text, hidden) : text;
  }

  private learn(secret: string): void {
    const size = secret.length < SHORT_SECRET_CHARS ? secret.length : GRAM_CHARS;
    const grams = this.grams.get(size) ?? new Set();
    this.grams.set(size, grams);
    for (const form of formsOf(secret)) {
      for (let at = 0; at + size <= form.length; at++) grams.add(form.slice(at, at + size));
    }
  }

  private mark({ text, from, to }: Reading, hidden: Uint8Array): boolean {
    const even = evened(text);
    let found = false;
    for (const [size, grams] of this.grams) {
      for (let at = 0; at + size <= even.length; at++) {
        if (!grams.has(even.slice(at, at + size))) continue;
        found = true;
        hidden.fill(1, from[at], to[at + size - 1]);
      }
    }
    return found;
  }
}

/** Upper and lower case alike, and both alphabets of base64. One character for one, so that places stay. */
function evened(text: string): string {
  let even = text.toLowerCase();
  // Of a few letters the lower case has another length; they stand in no key.
  if (even.length !== text.length) even = text;
  return even.replaceAll('-', '+').replaceAll('_', '/');
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((shift) => {
    const text = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first character holds bits of what stands before.
    return text.slice(shift === 0 ? 0 : shift + 1);
  });
  return [secret, bytes.toString('hex'), ...base64].map(evened);
}

function asItIs(text: string): Reading {
  const from = Int32Array.from({ length: text.length }, (_, at) => at);
  return { text, from, to: from.map((at) => at + 1) };
}

function unescaped({ text, from, to }: Reading): Reading {
  const starts: number[] = [];
  const ends: number[] = [];
  let plain = '';
  let done = 0;
  const keep = (until: number): void => {
    plain += text.slice(done, until);
    for (let at = done; at < until; at++) {
      starts.push(from[at]!);
      ends.push(to[at]!);
    }
  };
  for (const match of text.matchAll(ESCAPE)) {
    keep(match.index);
    done = match.index + match[0].length;
    const char = meaningOf(match);
    plain += char;
    if (char === '') continue;
    starts.push(from[match.index]!);
    ends.push(to[done - 1]!);
  }
  keep(text.length);
  return { text: plain, from: Int32Array.from(starts), to: Int32Array.from(ends) };
}

/** The one character that an escape stands for; nothing for what is not seen. */
function meaningOf([, percent, unicode, byte, decimal, hex, escaped]:
  RegExpExecArray | RegExpMatchArray): string {
  if (escaped !== undefined) return escaped;
  const code = percent ?? unicode ?? byte ?? hex;
  const number = code === undefined ? Number(decimal) : parseInt(code, 16);
  return Number.isNaN(number) ? '' : String.fromCharCode(number);
}

function masked(text: string, hidden: Uint8Array): string {
  let clean = '';
  let at = 0;
  while (at < text.length) {
    const end = hidden.indexOf(hidden[at] === 1 ? 0 : 1, at);
    const until = end < 0 ? text.length : end;
    clean += hidden[at] === 1 ? MASK : text.slice(at, until);
    at = until;
  }
  return clean;
}
