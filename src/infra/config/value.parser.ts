import { isIP } from 'node:net';

/** Reads one setting's text. `undefined` means that the text is not of the form which `expected` describes. */
export interface ValueParser<T> {
  /** Completes the sentence "expected …". */
  readonly expected: string;
  parse(text: string): T | undefined;
}

/**
 * Longest delay a Node timer takes; a longer one fires after 1 ms.
 * https://nodejs.org/api/timers.html#settimeoutcallback-delay-args
 */
export const MAX_TIMER_MS = 2_147_483_647;

/** Any text, without the white space around it. */
export function text(expected: string, pattern = /^\S(.*\S)?$/su): ValueParser<string> {
  return { expected, parse: (raw) => (pattern.test(raw.trim()) ? raw.trim() : undefined) };
}

/** A whole number in decimal digits only. */
export function integer(min: number, max: number): ValueParser<number> {
  return numeric(`a whole number from ${min} to ${max}`, /^\d+$/, min, max);
}

/** A decimal number, without exponent or sign. */
export function decimal(min: number, max: number): ValueParser<number> {
  return numeric(`a number from ${min} to ${max}`, /^\d+(\.\d+)?$/, min, max);
}

/** A duration that a timer takes. */
export function milliseconds(min = 1): ValueParser<number> {
  return { ...integer(min, MAX_TIMER_MS), expected: `whole milliseconds from ${min} to ${MAX_TIMER_MS}` };
}

export function flag(): ValueParser<boolean> {
  const words = new Map([
    ['true', true],
    ['1', true],
    ['false', false],
    ['0', false],
  ]);
  return { expected: 'true or false', parse: (raw) => words.get(raw.trim().toLowerCase()) };
}

/** One of the words, in any case. */
export function oneOf<const T extends string>(words: readonly T[]): ValueParser<T> {
  return {
    expected: `one of ${words.join(', ')}`,
    parse: (raw) => words.find((word) => word === raw.trim().toLowerCase()),
  };
}

/** A URL of one of the schemes, returned as it was written. */
export function url(schemes: readonly string[]): ValueParser<string> {
  return {
    expected: `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    parse: (raw) => {
      const trimmed = raw.trim();
      if (!schemes.some((scheme) => trimmed.toLowerCase().startsWith(`${scheme}://`))) return undefined;
      return URL.canParse(trimmed) ? trimmed : undefined;
    },
  };
}

/** How many characters a text has. */
export interface Length {
  readonly min: number;
  readonly max: number;
}

/** Text of so many characters, white space included: an encryption key is taken as it stands. */
export function ofLength(length: Length): ValueParser<string> {
  return {
    expected: `${length.min} to ${length.max} characters`,
    parse: (raw) => (hasLength(raw, length) ? raw : undefined),
  };
}

/**
 * Comma-separated texts of so many characters each. Read by length, so that a text which itself holds a comma is not torn
 * where it need not be.
 */
export function listOfLength(length: Length): ValueParser<readonly string[]> {
  return {
    expected: `${length.min} to ${length.max} characters, or several such separated by commas`,
    parse: (raw) => itemsOf(raw, length),
  };
}

function hasLength(text: string, { min, max }: Length): boolean {
  const count = Array.from(text).length;
  return count >= min && count <= max;
}

/** Torn at the first comma that leaves whole items on both sides. */
function itemsOf(raw: string, length: Length): string[] | undefined {
  for (let comma = raw.indexOf(','); comma !== -1; comma = raw.indexOf(',', comma + 1)) {
    const first = raw.slice(0, comma).trimEnd();
    if (Array.from(first).length > length.max) return undefined;
    const others = hasLength(first, length) ? itemsOf(raw.slice(comma + 1).trimStart(), length) : undefined;
    if (others) return [first, ...others];
  }
  return hasLength(raw, length) ? [raw] : undefined;
}

/** A key of Standard Webhooks. */
export function webhookSecret(): ValueParser<string> {
  return text('whsec_ and 24 to 64 bytes in Base64', /^whsec_[A-Za-z0-9+/]{32,88}={0,2}$/u);
}

/** Comma-separated items; empty ones between commas are dropped. */
export function list<T>(item: ValueParser<T>): ValueParser<readonly T[]> {
  return {
    expected: `a comma-separated list, each ${item.expected}`,
    parse: (raw) => {
      const items = raw.split(',').filter((part) => part.trim() !== '');
      const parsed = items.map((part) => item.parse(part)).filter((part) => part !== undefined);
      return parsed.length === items.length ? parsed : undefined;
    },
  };
}

/** A host name or address to listen on. */
export function host(): ValueParser<string> {
  return {
    expected: 'a host name or an IP address',
    parse: (raw) => (isIP(raw.trim()) !== 0 || HOST_NAME.test(raw.trim()) ? raw.trim() : undefined),
  };
}

/** Letters, digits, hyphens and underscores between dots. */
const HOST_NAME = /^(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?$/i;

function numeric(expected: string, form: RegExp, min: number, max: number): ValueParser<number> {
  return {
    expected,
    parse: (raw) => {
      const value = form.test(raw.trim()) ? Number(raw.trim()) : NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}
