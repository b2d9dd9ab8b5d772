import type { SecretText } from '../interfaces/ai-provider.interface.js';

/** Longest message of a vendor that is passed on, in characters. Our number: their real ones stay below it. */
export const MAX_MESSAGE_CHARS = 500;

/** How far into a text secrets are looked for; what lies behind is dropped anyway. */
const SCANNED_CHARS = 16_384;

const MASK = '***';

/**
 * What keys look like: OpenAI's and Anthropic's `sk-…`, Google's `AIza…`, Groq's `gsk_…`, xAI's `xai-…`, anything behind
 * `Bearer`. OpenAI answers a wrong key with its beginning and end around asterisks, hence those.
 */
const KEY_SHAPES = /\b(?:sk-[\w*.-]{4,}|AIza[\w-]{8,}|gsk_\w{8,}|xai-[\w-]{8,})|(?<=\bBearer )[^\s"',]+/g;

/**
 * The text on one line, without the secrets and what looks like a key, cut at 500 characters. Redacted before it is cut, so
 * that no half of a key stays.
 */
export function redact(text: string, secrets: readonly SecretText[]): string {
  const known = secrets.reduce(
    (seen, secret) => {
      const plain = secret.reveal();
      return plain === '' ? seen : withoutSecret(seen, plain);
    },
    text.slice(0, SCANNED_CHARS),
  );
  const line = known.replace(KEY_SHAPES, MASK).replace(/\s+/g, ' ').trim();
  return line.length > MAX_MESSAGE_CHARS ? `${line.slice(0, MAX_MESSAGE_CHARS - 1)}…` : line;
}

/** Masks the key in the spellings in which a server may echo it, in whatever case. */
function withoutSecret(text: string, secret: string): string {
  const bytes = Buffer.from(secret);
  const spellings = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    ...(['base64', 'base64url', 'hex'] as const).map((encoding) =>
      bytes.toString(encoding).replace(/=+$/, ''),
    ),
  ];
  const longestFirst = [...new Set(spellings)].sort((a, b) => b.length - a.length);
  return text.replace(new RegExp(longestFirst.map(escaped).join('|'), 'gi'), MASK);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
