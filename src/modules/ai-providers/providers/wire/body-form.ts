/** What a body is by its first bytes: JSON, server-sent events, neither, or too few bytes to tell. */
export type BodyForm = 'json' | 'events' | 'other' | 'undecided';

/** Fields of an event stream, and the colon of a comment (WHATWG HTML §9.2.6). */
const FIELDS = ['data', 'event', 'id', 'retry', ':'] as const;
const LONGEST_FIELD = 5;

const LINE_END = /[\r\n]/;

/**
 * Recognises by the first bytes after a byte order mark and white space what a body is. Its labels do not count: servers
 * send events as `text/plain`, and JSON as events.
 */
export function formOf(bytes: Uint8Array): BodyForm {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  let at = hasMark ? 3 : 0;
  while (at < bytes.length && isBlank(bytes[at]!)) at++;
  if (at === bytes.length) return 'undecided';
  if (bytes[at] === 0x7b || bytes[at] === 0x5b) return 'json';
  const start = String.fromCharCode(...bytes.subarray(at, at + LONGEST_FIELD + 1));
  if (FIELDS.some((field) => isField(start, field))) return 'events';
  const isCut = start.length <= LONGEST_FIELD && !LINE_END.test(start);
  return isCut && FIELDS.some((field) => field.startsWith(start)) ? 'undecided' : 'other';
}

function isField(start: string, field: string): boolean {
  if (!start.startsWith(field)) return false;
  const next = start[field.length];
  return field === ':' || next === ':' || (next !== undefined && LINE_END.test(next));
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0a || byte === 0x0d;
}
