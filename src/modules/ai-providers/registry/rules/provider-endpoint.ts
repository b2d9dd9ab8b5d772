import type { AIProviderType } from '../../interfaces/ai-provider.interface.js';

/** A base URL to which each operation's path can be added, or what is wrong with what was given, without its secrets. */
export type EndpointReading = { endpoint: string } | { problem: string };

/** The ends of the addresses on vendors' pages, which name one operation and no base. */
const OPERATIONS = {
  // Azure's base ends in `/models` too: only behind a version is it the list of models.
  openai:
    /(?:\/(?:chat\/completions|completions|responses|embeddings)|(?<=\/v\d+)\/(?:chat|models(?:\/[^/:]+)?))$/i,
  anthropic: /\/(?:messages(?:\/count_tokens)?|complete|models(?:\/[^/:]+)?)$/i,
  google: /\/(?:models\/[^/]+:\w+|models(?:\/[^/:]+)?)$/i,
} as const;

type Dialect = keyof typeof OPERATIONS;

/** Ends that belong to another dialect: calls in ours would fail behind them. */
const FOREIGN: Record<Dialect, RegExp> = {
  openai: /\/messages(?:\/count_tokens)?$|:\w*(?:generateContent|countTokens)$/i,
  anthropic:
    /\/(?:chat\/completions|completions|responses|embeddings)$|:\w*(?:generateContent|countTokens)$/i,
  google: /\/(?:chat\/completions|completions|responses|messages(?:\/count_tokens)?|openai)$|\/publishers\//i,
};

const DIALECT_OF: Record<AIProviderType, Dialect> = {
  OPENAI: 'openai',
  CUSTOM: 'openai',
  ANTHROPIC: 'anthropic',
  GOOGLE: 'google',
};

/** OpenAI's own host serves nothing outside `/v1` (https://platform.openai.com/docs/api-reference/introduction). */
const OPENAI_HOST = 'https://api.openai.com';

/** Names of query parameters that hold secrets, at their end: `key`, `api_key`, `subscription-key`, `sig`, … */
const SECRET_PARAMETER =
  /(?:^|[-_.])(?:key|apikey|token|accesstoken|secret|clientsecret|password|passwd|pwd|sig|signature|auth|authorization|credentials?|code)$/i;

/** What keys look like wherever they stand: OpenAI's and Anthropic's, Google's. */
const KEY_SHAPE = /^(?:sk-|AIza|gsk_|xai-|Bearer )/;

/**
 * Reads what an operator pastes as a provider's address: slashes at its end, an operation's own path (`/chat/completions`,
 * `/messages`, `/models/x:generateContent`) and a doubled version are left off. What cannot be mended by leaving off is
 * refused with a sentence that begins with the field's name. A query is kept: Azure wants `api-version` with each call.
 */
export function readEndpoint(type: AIProviderType, given: string): EndpointReading {
  const text = given.trim();
  if (/\s/.test(text)) return { problem: 'endpoint must not hold white space' };
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text))
    return { problem: 'endpoint must begin with https:// or http://' };
  if (!URL.canParse(text)) return { problem: 'endpoint must be a URL' };
  const url = new URL(text);
  const problem = urlProblem(url) ?? queryProblem(url);
  if (problem !== null) return { problem };
  const dialect = DIALECT_OF[type];
  const path = basePath(url.pathname, dialect);
  const foreign = FOREIGN[dialect].exec(path);
  if (foreign)
    return { problem: `endpoint must be a base URL of type ${type}'s API: leave off ${foreign[0]}` };
  // Ours to say: the form in which Gemini's answers stream.
  if (dialect === 'google') url.searchParams.delete('alt');
  const base = path === '' && url.origin === OPENAI_HOST && dialect === 'openai' ? '/v1' : path;
  return { endpoint: url.origin + base + url.search };
}

function urlProblem(url: URL): string | null {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return `endpoint must be http or https, not ${url.protocol.slice(0, -1)}`;
  if (url.username !== '' || url.password !== '')
    return 'endpoint must not hold a user name or password: leave off what stands before the @';
  if (url.hash !== '') return 'endpoint must not have a fragment: leave off the # and what follows';
  if (url.port === '0') return 'endpoint must not name port 0';
  return /%2f|%5c/i.test(url.pathname) ? 'endpoint must not have an encoded slash in its path' : null;
}

function queryProblem({ searchParams }: URL): string | null {
  for (const [name, value] of searchParams) {
    if (SECRET_PARAMETER.test(name) || KEY_SHAPE.test(value))
      return `endpoint must not hold a secret in its query: leave off ${name.slice(0, 50)}= and give it as apiKey`;
  }
  return null;
}

/** The path without what one operation adds to it, without a slash at its end. */
function basePath(pathname: string, dialect: Dialect): string {
  let path = pathname.replace(/\/{2,}/g, '/');
  for (let before = ''; before !== path;) {
    before = path;
    path = path
      .replace(/\/$/, '')
      .replace(OPERATIONS[dialect], '')
      .replace(/(\/v\d+(?:beta)?)(?:\1)+$/i, '$1');
  }
  return path;
}
