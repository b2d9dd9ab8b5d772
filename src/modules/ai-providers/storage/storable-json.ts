/** An escaped backslash, a NUL, or half of a surrogate pair: `JSON.stringify` writes whole pairs as they are. */
const ESCAPES = /\\(?:\\|u0000|u[dD][89abAB][0-9a-fA-F]{2}|u[dD][c-fC-F][0-9a-fA-F]{2})/g;

/** `value` as JSON that a `jsonb` takes. */
export function storableJson(value: unknown): string {
  return storable(JSON.stringify(value));
}

/** `text` as a database takes it, by the same rule. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd');
}

/**
 * JSON as `JSON.stringify` writes it, such that a `jsonb` takes it: that refuses NUL and half surrogate pairs, which become
 * U+FFFD. https://www.postgresql.org/docs/current/datatype-json.html
 */
export function storable(json: string): string {
  // Most have no escape at all, and looking for one character is a fraction of looking for the pattern.
  return json.includes('\\')
    ? json.replace(ESCAPES, (escape) => (escape === '\\\\' ? escape : '\\ufffd'))
    : json;
}
