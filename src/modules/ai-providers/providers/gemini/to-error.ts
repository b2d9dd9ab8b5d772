import type { ProviderError } from '../../errors/provider.error.js';
import type { Fault } from '../../interfaces/attempt.interface.js';
import { readErrorBody } from '../refusals/body/error-body.js';
import type { ErrorReading } from '../refusals/body/error-reading.interface.js';
import { vendorError } from '../refusals/http-fault.js';
import { asArray, asObject, asText } from '../wire/json-value.js';
import type { JsonObject } from '../wire/json-value.js';
import type { HeaderBag } from '../refusals/retry-after.js';
import type { VendorRefusal } from '../refusals/vendor-refusal.js';

/**
 * The spent day and the spent purse are no rate that passes: the violated quota's id says `…PerDay…`, a sentence that
 * prepaid credits or a cap on spending are used up (https://ai.google.dev/gemini-api/docs/rate-limits).
 */
const SPENT_QUOTA = /per_?day/i;
const SPENT_TEXT = /prepa\w* credits? .*depleted|(?:spend|spending) (?:cap|limit)/i;

/** A 400 about the account or its place, not about the request (https://ai.google.dev/gemini-api/docs/troubleshooting). */
const ACCOUNT_TEXT = /user location is not supported|free tier is not available/i;

/** Said by servers that refuse a blocked prompt; Google itself answers it with a 200 and a block reason. */
const FILTER_TEXT = /\b(?:prompt|request|content) was blocked\b/i;

/** An answer that is not 2xx. `now` is the clock for a `Retry-After` date, milliseconds since the epoch. */
export function toError({ said, status, headers }: VendorRefusal, now: number): ProviderError {
  return fromSaid(said, status, now, headers);
}

/** An error that came as data: in the middle of a stream, or as a 200. Its status stands in the body. */
export function errorFromBody(body: JsonObject): ProviderError {
  const said = readErrorBody(body);
  return fromSaid(said, said.status ?? 500, 0);
}

function fromSaid(said: ErrorReading, status: number, now: number, headers?: HeaderBag): ProviderError {
  const failure = { said, status, headers: withRetryInfo(said.details, headers) };
  return vendorError({ ...failure, fault: ownFault(said, status), vendorCode: reasonOf(said) }, now);
}

function ownFault(said: ErrorReading, status: number): Fault | undefined {
  const says = (pattern: RegExp): boolean => said.sentences.some((text) => pattern.test(text));
  if (reasonOf(said) === 'API_KEY_INVALID' || (status === 400 && says(ACCOUNT_TEXT))) return 'authentication';
  if (status === 429 && (isSpent(said.details) || says(SPENT_TEXT))) return 'quota_exhausted';
  return status === 400 && says(FILTER_TEXT) ? 'content_filter' : undefined;
}

/** `google.rpc.ErrorInfo` names the error more closely than the status word. */
function reasonOf({ details }: ErrorReading): string | undefined {
  return details.map((detail) => asText(detail['reason'])).find((word) => word !== undefined);
}

function isSpent(details: readonly JsonObject[]): boolean {
  return details
    .flatMap((detail) => asArray(detail['violations']))
    .map((violation) => asObject(violation) ?? {})
    .some((violation) =>
      SPENT_QUOTA.test(`${asText(violation['quotaId'])} ${asText(violation['quotaMetric'])}`),
    );
}

/** `google.rpc.RetryInfo` says it in a duration such as `12s` or `45.57s`: as `Retry-After`, where the header is silent. */
function withRetryInfo(details: readonly JsonObject[], headers: HeaderBag | undefined): HeaderBag {
  const delay = details.map((detail) => asText(detail['retryDelay'])).find((word) => word !== undefined);
  const seconds = /^(\d{1,9}(?:\.\d{1,9})?)s$/.exec(delay ?? '')?.[1] ?? null;
  return { get: (name) => headers?.get(name) ?? (name === 'retry-after' ? seconds : null) };
}
