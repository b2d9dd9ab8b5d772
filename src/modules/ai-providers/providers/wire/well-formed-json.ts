/** The escape of half a surrogate pair, high without its low or low without its high (RFC 8259 §7). */
const HALF =
  /\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F][0-9a-fA-F]{2})|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}/g;

/** A backslash of the text. Backslashes pair up from the left, so what is between two of these holds whole escapes. */
const BACKSLASH = '\\\\';

/**
 * JSON text in which each half of a surrogate pair has become U+FFFD, as `String.prototype.toWellFormed` does it: keys and
 * values alike, whole characters untouched. Half a pair can only stand there as an escape, for that is how
 * `JSON.stringify` writes it, so sound text costs two searches.
 */
export function wellFormedJson(json: string): string {
  if (!json.includes('\\ud') && !json.includes('\\uD')) return json;
  const pieces = json.split(BACKSLASH);
  return pieces.map((piece) => piece.replace(HALF, '\ufffd')).join(BACKSLASH);
}
