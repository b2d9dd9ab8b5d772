import { ProviderError } from '../errors/provider.error.js';
import type { Fault } from '../interfaces/attempt.interface.js';
import type { ErrorReading } from './error-body.js';
import { retryAfterMs } from './retry-after.js';
import type { HeaderBag } from './retry-after.js';

/** A vendor's refusal: an answer that is not 2xx, a 200 that holds an error, an error in the middle of a stream. */
export interface VendorFailure {
  said: ErrorReading;
  /** HTTP status, or the one the vendor put into the body. */
  status?: number;
  headers?: HeaderBag;
  /** What only this vendor's rules tell; it goes before the common ones. */
  fault?: Fault;
  /** The vendor's own name for it, where it is not the code or type of its body. */
  vendorCode?: string;
}

/** Codes and types that say more than the status under which they come. */
const FAULT_OF_CODE: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  ['insufficient_quota', 'quota_exhausted'],
  ['billing_hard_limit_reached', 'quota_exhausted'],
  ['billing_not_active', 'quota_exhausted'],
  ['billing_error', 'quota_exhausted'],
  ['invalid_api_key', 'authentication'],
  ['authentication_error', 'authentication'],
  ['model_not_found', 'model_not_found'],
  ['context_length_exceeded', 'context_length'],
  ['exceed_context_size_error', 'context_length'],
  ['content_filter', 'content_filter'],
  ['content_policy_violation', 'content_filter'],
]);

/** The status that an error type stands for where it comes without one: inside a stream (OpenAI, Anthropic). */
const STATUS_OF_WORD: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['rate_limit_exceeded', 429],
  ['rate_limited', 429],
  ['requests', 429],
  ['tokens', 429],
  ['timeout_error', 504],
]);

/**
 * How servers say in prose that the context is too long: OpenAI, vLLM, DeepSeek ("maximum context length"), llama.cpp
 * ("available context size"), Anthropic ("prompt is too long", "exceed context limit"), Gemini ("input token count
 * … exceeds"), TGI ("`inputs` tokens + `max_new_tokens` must be"), Bedrock ("Input is too long"), Cohere.
 */
const CONTEXT_TEXT =
  /maximum context length|context (?:window|size|limit)|(?:prompt|input|request) is too long|too many (?:input )?tokens|input token count|`?inputs`? tokens \+/i;

/** OpenAI's and xAI's wrong key, Anthropic's and DeepSeek's empty account, which some send as a 400. */
const KEY_TEXT = /incorrect api key|invalid api key|api key not valid/i;
const MONEY_TEXT = /credit balance is too low|insufficient (?:balance|credits?|funds)/i;

/** Statuses under which a code or a text may tell a fault apart from the status's own. */
const TELLING: ReadonlySet<number> = new Set([400, 402, 403, 413, 422, 429]);

/** Which fault a vendor's refusal is: the table of contract §3. A code goes before a text, a text before the status. */
export function faultOf({ said, status: given }: Pick<VendorFailure, 'said' | 'status'>): Fault {
  const { words, sentences } = said;
  const status = given ?? firstKnown(words, STATUS_OF_WORD);
  if (status === undefined || TELLING.has(status)) {
    const told = firstKnown(words, FAULT_OF_CODE);
    if (told !== undefined) return told;
  }
  if (status === 400 || status === 413 || status === 422) {
    if (sentences.some((text) => CONTEXT_TEXT.test(text))) return 'context_length';
    if (sentences.some((text) => KEY_TEXT.test(text))) return 'authentication';
    if (sentences.some((text) => MONEY_TEXT.test(text))) return 'quota_exhausted';
  }
  return faultOfStatus(status ?? 500);
}

/** The refusal as the error to throw. `now` is the clock for a `Retry-After` date, milliseconds since the epoch. */
export function vendorError(failure: VendorFailure, now: number): ProviderError {
  const { said, status, headers, vendorCode } = failure;
  const fault = failure.fault ?? faultOf(failure);
  return new ProviderError(fault, publicText(failure), {
    status,
    vendorCode: vendorCode ?? said.code ?? said.type,
    retryAfterMs: headers && retryAfterMs(headers, now),
    phase: fault === 'timeout' ? 'gateway' : undefined,
  });
}

function firstKnown<T>(words: readonly string[], known: ReadonlyMap<string, T>): T | undefined {
  for (const word of words) {
    const meaning = known.get(word);
    if (meaning !== undefined) return meaning;
  }
  return undefined;
}

function faultOfStatus(status: number): Fault {
  switch (status) {
    case 401:
    case 403:
      return 'authentication';
    case 402:
      return 'quota_exhausted';
    case 404:
      return 'model_not_found';
    case 408:
    case 409:
      return 'server_error';
    case 429:
      return 'rate_limited';
    case 504:
      return 'timeout';
    default:
      return status >= 400 && status < 500 ? 'invalid_request' : 'server_error';
  }
}

/** The vendor's own words. A page of HTML from a proxy is none: its title at most. */
function publicText({ said: { message, pageTitle, code, type }, status }: VendorFailure): string {
  if (message !== undefined) return message;
  const named = pageTitle ?? code ?? type;
  return `The provider answered ${status ?? 'an error'}${named ? ` (${named})` : ''}.`;
}
