/** Headers in every form that `fetch` takes them. */
export type RequestHeaders =
  Iterable<readonly [string, string]> | Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * Left to the connection: who is spoken to and how the body is framed. `accept-encoding` too, because an answer is read
 * as it comes and must not be compressed.
 */
const OURS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'accept-encoding',
  'expect',
  'upgrade',
]);

/** Turns headers into undici's flat list of names and values. */
export function flatHeaders(headers: RequestHeaders | undefined): string[] {
  const flat: string[] = ['accept-encoding', 'identity'];
  if (headers === undefined) return flat;
  if (isIterable(headers)) {
    for (const [name, value] of headers) add(flat, name, value);
    return flat;
  }
  for (const name of Object.keys(headers)) {
    const value = headers[name];
    if (value !== undefined) add(flat, name, typeof value === 'string' ? value : value.join(', '));
  }
  return flat;
}

function isIterable(headers: RequestHeaders): headers is Iterable<readonly [string, string]> {
  return Symbol.iterator in headers;
}

function add(flat: string[], name: string, value: string): void {
  if (!OURS.has(name.toLowerCase())) flat.push(name, value);
}
