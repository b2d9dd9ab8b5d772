/** What a field's name may be made of (RFC 9110 §5.6.2). */
const TOKEN = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$/;

/** Visible ASCII with blanks between (RFC 9110 §5.5). */
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e\t]*[\x21-\x7e])?$/;

const MAX_HEADERS = 32;
const MAX_VALUE = 4_096;

/** The connection's own and what frames a body (RFC 9110 §7.2 to §10.1, RFC 9112 §6), cookies (RFC 6265). */
const HTTPS_OWN = [
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'content-type',
  'content-encoding',
  'accept-encoding',
  'expect',
  'date',
  'via',
  'forwarded',
  'cookie',
  'set-cookie',
];

/** What our adapters and the tracing send. */
const OURS = ['accept', 'user-agent', 'anthropic-version', 'traceparent', 'tracestate', 'baggage'];

/** What carries a key: that is `apiKey`'s, by way of `authHeader`. */
const KEYS_OWN = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key'];

const NOT_FOR_KEYS: ReadonlySet<string> = new Set([...HTTPS_OWN, ...OURS]);
const NOT_FOR_HEADERS: ReadonlySet<string> = new Set([...HTTPS_OWN, ...OURS, ...KEYS_OWN]);

/** What is wrong with a header that is to carry the key; null where nothing is. */
export function authHeaderProblem(name: string): string | null {
  if (!TOKEN.test(name)) return 'authHeader must be bearer or the name of a header';
  return NOT_FOR_KEYS.has(name.toLowerCase())
    ? `authHeader must not be ${name}: that header is HTTP's or the service's own`
    : null;
}

/** What is wrong with further headers, each line naming the header and never its value. */
export function headerProblems(headers: unknown, authHeader: string): string[] {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers))
    return ['headers must be an object of names and texts'];
  const entries = Object.entries(headers as Record<string, unknown>);
  if (entries.length > MAX_HEADERS) return [`headers must not be more than ${MAX_HEADERS}`];
  const seen = new Set([authHeader.toLowerCase()]);
  return entries.flatMap(([name, value]) => {
    const problem = headerProblem(name, value, seen);
    seen.add(name.toLowerCase());
    return problem === null ? [] : [problem];
  });
}

function headerProblem(name: string, value: unknown, seen: ReadonlySet<string>): string | null {
  if (!TOKEN.test(name)) return 'headers must have names of letters, digits and hyphens, 100 at most';
  const lower = name.toLowerCase();
  if (NOT_FOR_HEADERS.has(lower))
    return `headers.${name} must not be set: that header is HTTP's or the service's own`;
  if (seen.has(lower)) return `headers.${name} must not be set twice, nor carry the key too`;
  if (typeof value !== 'string' || value.length > MAX_VALUE || !VALUE.test(value))
    return `headers.${name} must be 1 to ${MAX_VALUE} visible ASCII characters, blanks only between them`;
  return null;
}
