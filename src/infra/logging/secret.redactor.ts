import { errorFields, isError } from './error.serializer.js';
import { MASK } from './secret-mask.js';

/** Deeper than anything we log on purpose; what lies below is left out. */
const MAX_DEPTH = 8;

/** Longer texts and more fields than anything we log on purpose: a caller's `metadata` may be larger. */
const MAX_TEXT_CHARS = 4_096;
const MAX_STACK_CHARS = 16_384;
const MAX_FIELDS = 100;

/** Ends of field names, lower case and without `-` and `_`, whose values are secrets. */
const SECRET_NAME =
  /(apikeys?|authorization|cookie|password|passphrase|secret|secretsha256|encryptionkey|encryptioniv|accesskeys|accesstoken|refreshtoken|privatekey)$|^(token|encryption|credentials)$/;

/**
 * Texts that look like a secret wherever they stand, with what is kept of each. No pattern reaches over an unescaped
 * quote, so a line of JSON stays one.
 */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  // OpenAI and its imitators (sk-…, sk-proj-…), Anthropic (sk-ant-…). OpenAI answers a wrong key with its beginning and end
  // around asterisks.
  [/(?<![A-Za-z0-9])sk-[A-Za-z0-9_*.-]{4,}/g, MASK],
  // Groq and xAI.
  [/(?<![A-Za-z0-9])(?:gsk_\w{8,}|xai-[\w-]{8,})/g, MASK],
  // Google's API keys, the older form and the newer.
  [/(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{8,}/g, MASK],
  [/(?<![A-Za-z0-9])AQ\.[A-Za-z0-9_-]{20,}/g, MASK],
  [/\b(Bearer)\s+[^\s"'\\,;]+/gi, `$1 ${MASK}`],
  [/([?&](?:key|api[-_]?key|token|access_token)=)[^&\s"'\\]+/gi, `$1${MASK}`],
  [/\b((?:api[-_]?key|authorization)(?:\\"|')?\s*[:=]\s*(?:\\"|')?)[^\s"'\\,;&}]+/gi, `$1${MASK}`],
  // user:password@ of a URL.
  [/(\b[a-z][a-z0-9+.-]{0,15}:\/\/[^\s:@/"'\\]{0,200}:)[^\s@/"'\\]{1,2000}@/gi, `$1${MASK}@`],
];

/** Something of every pattern above: a text without any of it, as nearly all are, is left alone at the cost of one look. */
const SUSPICIOUS = /sk-|gsk_|xai-|AIza|AQ\.|bearer|key=|token=|api[-_]?key|authorization|:\/\//i;

/** Names seen, with the verdict on each. Nearly all come from our own code; those that callers choose must not pile up. */
const verdicts = new Map<string, boolean>();
const MAX_VERDICTS = 1_000;

/** The text with whatever looks like a key, a bearer token or a URL's password blanked. */
export function redactText(text: string): string {
  if (!SUSPICIOUS.test(text)) return text;
  return SECRET_TEXTS.reduce((clean, [pattern, kept]) => clean.replace(pattern, kept), text);
}

/**
 * The fields as they are fit for a log line, a copy where anything has to be changed: those whose names say that they hold
 * a secret are blanked at every depth, texts pass `redactText`, errors are reduced to what `errorFields` keeps, cycles and
 * great depth are cut.
 */
export function redactFields(fields: object): Record<string, unknown> {
  const given = fields as Record<string, unknown>;
  return isHarmless(given) ? given : copyFields(given, []);
}

/** Whether there is nothing to blank, as in nearly every line: then no copy is made. */
function isHarmless(fields: Record<string, unknown>): boolean {
  for (const name in fields) {
    if (isSecretName(name) || !isPlain(fields[name])) return false;
  }
  return true;
}

function isPlain(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_TEXT_CHARS && !SUSPICIOUS.test(value);
  return typeof value === 'number' || !isShowing(value);
}

function copyFields(fields: object, above: readonly object[]): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const name of Object.keys(fields).slice(0, MAX_FIELDS)) {
    const value: unknown = (fields as Record<string, unknown>)[name];
    const clean = isSecretName(name) && isShowing(value) ? MASK : copyValue(value, fields, above);
    if (name === '__proto__') Object.defineProperty(copy, name, { value: clean, enumerable: true });
    else copy[name] = clean;
  }
  return copy;
}

/** `value` as it stands in `holder`, which lies below `aboveHolder`. */
function copyValue(value: unknown, holder: object, aboveHolder: readonly object[]): unknown {
  if (typeof value === 'string')
    return shortened(redactText(value), isError(holder) ? MAX_STACK_CHARS : MAX_TEXT_CHARS);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return value;
  const above = [...aboveHolder, holder];
  if (above.includes(value)) return '[circular]';
  if (above.length >= MAX_DEPTH) return '[deeper]';
  if (isError(value)) return copyFields(errorFields(value), [...above, value]);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value))
    return value.slice(0, MAX_FIELDS).map((item: unknown) => copyValue(item, value, above));
  if (value instanceof Map) return copyFields(Object.fromEntries(value) as object, above);
  if (value instanceof Set) return copyValue([...value], holder, aboveHolder);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    const json: unknown = (value.toJSON as () => unknown)();
    return typeof json === 'object' && json !== null ? copyFields(json, [...above, value]) : json;
  }
  return copyFields(value, above);
}

/** Redacted before it is cut, so that no half of a secret stays. */
function shortened(text: string, maxChars: number): string {
  return text.length > maxChars ? `${text.slice(0, maxChars)}… (${text.length - maxChars} more)` : text;
}

function isSecretName(name: string): boolean {
  const known = verdicts.get(name);
  if (known !== undefined) return known;
  const verdict = SECRET_NAME.test(name.slice(-64).toLowerCase().replace(/[-_]/g, ''));
  if (verdicts.size < MAX_VERDICTS) verdicts.set(name, verdict);
  return verdict;
}

/** That there is no secret is worth knowing. */
function isShowing(value: unknown): boolean {
  return value !== null && value !== undefined && typeof value !== 'boolean';
}
