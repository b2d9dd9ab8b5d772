import { ProviderError } from '../../errors/provider.error.js';
import type { Fault } from '../../interfaces/attempt.interface.js';
import type { ErrorReading } from './body/error-reading.interface.js';
import { isOnlyTooMany, isTooLargeForAccount, senseOf } from './refusal-sense.js';
import type { RefusalSense } from './refusal-sense.js';
import { retryAfterMs } from './retry-after.js';
import type { HeaderBag } from './retry-after.js';

/** A vendor's refusal: an answer that is not 2xx, a 200 that holds an error, an error in the middle of a stream. */
export interface VendorFailure {
  said: ErrorReading;
  /** HTTP status, or the one the vendor put into the body. */
  status?: number;
  headers?: HeaderBag;
  /** The fault by this vendor's own rules; they go before the common ones. */
  fault?: Fault;
  /** The vendor's own name for it, where it is not the code or type of its body. */
  vendorCode?: string;
}

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
 * Which fault a vendor's refusal is: the table of contract §3. What it is about, by its codes first and then by its
 * sentences, goes before the status.
 */
export function faultOf({ said, status: given }: Pick<VendorFailure, 'said' | 'status'>): Fault {
  const status = given ?? firstKnown(said.words, STATUS_OF_WORD);
  const sense = senseOf(said);
  if (sense === undefined)
    return isAboutInput(said, status) ? 'invalid_request' : faultOfStatus(status ?? 500);
  return faultOfSense(sense, status, said) ?? faultOfStatus(status ?? 500);
}

function faultOfSense(
  sense: RefusalSense,
  status: number | undefined,
  said: ErrorReading,
): Fault | undefined {
  switch (sense) {
    case 'context_length':
    case 'content_filter':
    case 'quota_exhausted':
      return sense;
    case 'account_limit':
      return faultOfLimit(status, said);
    case 'authentication':
    case 'model_not_found':
      // A server's own failure to sign in somewhere is no word about our key.
      return status === undefined || (status < 500 && !PASSING.has(status)) ? sense : undefined;
  }
}

/** Under a 429 the limit passes with time; under another status it is unknown when, so there is nothing to wait for. */
function faultOfLimit(status: number | undefined, said: ErrorReading): Fault | undefined {
  if (isTooLargeForAccount(said)) return 'account_limit';
  if (status === undefined || status === 429) return 'rate_limited';
  if (status === 402) return 'quota_exhausted';
  return status >= 500 && isOnlyTooMany(said) ? undefined : 'account_limit';
}

/**
 * Statuses that say by themselves that something passes: a timeout, a conflict, a lock, a failed dependency (Bedrock's for a
 * model that failed), "too early", and those of relays whose own connection ended (nginx's 499, IIS's 440).
 */
const PASSING: ReadonlySet<number> = new Set([408, 409, 423, 424, 425, 429, 440, 499]);

/** The only statuses that speak of the request itself, whatever their words are. */
const OF_REQUEST: ReadonlySet<number> = new Set([400, 413, 422]);

const MEDIA = /\b(?:images?|pictures?|audio|videos?|files?|documents?|attachments?)\b/i;

/**
 * A part of the request that has been refused under a status which would speak of key, account, model or server. A 415 is
 * about a picture or a file of the request where it names one, else about how we speak with the server.
 */
function isAboutInput({ places, sentences }: ErrorReading, status: number | undefined): boolean {
  if (status === undefined || status < 400 || status >= 500 || PASSING.has(status)) return false;
  if (status === 415 && sentences.some((text) => MEDIA.test(text.slice(0, 2_000)))) return true;
  return places.some((place) => !/model|key|auth|token$|path|method|^\//i.test(place.slice(0, 120)));
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

/**
 * Every other 4xx (405, 406, 410, 418, 426, 431 …) says that this server does not serve what stands at our address, as a 404
 * does: nothing that the caller could change.
 */
function faultOfStatus(status: number): Fault {
  switch (status) {
    case 401:
    case 403:
    case 407:
    case 511:
      return 'authentication';
    case 402:
      return 'quota_exhausted';
    case 429:
      return 'rate_limited';
    case 504:
      return 'timeout';
    default:
      if (OF_REQUEST.has(status)) return 'invalid_request';
      return status >= 400 && status < 500 && !PASSING.has(status) ? 'model_not_found' : 'server_error';
  }
}

/** The vendor's own words. A page of HTML from a proxy is none: its title at most. */
function publicText({ said: { message, pageTitle, code, type }, status }: VendorFailure): string {
  if (message !== undefined) return message;
  const named = pageTitle ?? code ?? type;
  return `The provider answered ${status ?? 'an error'}${named ? ` (${named})` : ''}.`;
}
