import type { ProviderError } from '../../errors/provider.error.js';
import type { Fault } from '../../interfaces/attempt.interface.js';
import { readErrorBody } from '../refusals/body/error-body.js';
import type { ErrorReading } from '../refusals/body/error-reading.interface.js';
import { vendorError } from '../refusals/http-fault.js';
import type { JsonObject } from '../wire/json-value.js';
import type { VendorRefusal } from '../refusals/vendor-refusal.js';

/** Statuses of error types where they come without one; the rest follows from the type alone. */
const STATUS_OF_TYPE: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['conflict_error', 409],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', 529],
]);

/**
 * Money, though the status is a 429 or a 400: `error.details.error_code` of a spent contract or tier, and the sentence
 * of a spend limit set by the operator ("You have reached your specified API usage limits. You will regain access on …").
 */
const SPENT_CODES: ReadonlySet<string> = new Set([
  'contract_spend_limit_reached',
  'enforced_spend_limit_reached',
  'linked_organization_spend_limit_reached',
]);
const SPENT_TEXT = /reached your specified (?:workspace )?API usage limits/i;

/** A 400 whose reason is what was, or would have been, said. */
const FILTER_TEXT = /blocked by content filtering policy/i;

/**
 * An answer that is not 2xx (https://platform.claude.com/docs/en/api/errors). `now` is the clock for a `Retry-After` date,
 * milliseconds since the epoch.
 */
export function toError({ said, status, headers }: VendorRefusal, now: number): ProviderError {
  return vendorError(
    { said, status, headers, fault: ownFault(said, status), vendorCode: spentCode(said) },
    now,
  );
}

/**
 * An error that came as data: in the middle of a stream, or as a 200. Its status is the one that the documentation gives
 * its type ("overloaded_error, which would normally correspond to an HTTP 529").
 */
export function errorFromBody(body: JsonObject): ProviderError {
  const said = readErrorBody(body);
  const status = STATUS_OF_TYPE.get(said.type ?? '');
  return vendorError({ said, status, fault: ownFault(said, status), vendorCode: spentCode(said) }, 0);
}

function ownFault(said: ErrorReading, status: number | undefined): Fault | undefined {
  const { sentences } = said;
  if (spentCode(said) !== undefined || sentences.some((text) => SPENT_TEXT.test(text)))
    return 'quota_exhausted';
  return status === 400 && sentences.some((text) => FILTER_TEXT.test(text)) ? 'content_filter' : undefined;
}

function spentCode({ words }: ErrorReading): string | undefined {
  return words.find((word) => SPENT_CODES.has(word));
}
