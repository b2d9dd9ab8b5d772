import type { ProviderError } from '../../errors/provider.error.js';
import { readErrorBody } from '../refusals/body/error-body.js';
import { asErrorStatus } from '../refusals/body/error-words.js';
import { vendorError } from '../refusals/http-fault.js';
import { asArray, asObject, asText, parseObject } from '../wire/json-value.js';
import type { JsonObject } from '../wire/json-value.js';
import type { VendorRefusal } from '../refusals/vendor-refusal.js';

/** An answer that is not 2xx, as a fault. `now` is milliseconds since the epoch. */
export function toError({ said, status, headers }: VendorRefusal, now: number): ProviderError {
  return vendorError({ said, status, headers }, now);
}

/**
 * The error in a body or an event that came with a 200, or undefined where it is none. Beside OpenAI's
 * `{ error: { message, type, code } }`: an error that is a mere string (Ollama), one without the envelope marked
 * `object: "error"` (vLLM, Mistral), and one inside the choice (OpenRouter).
 */
export function errorIn(json: JsonObject): ProviderError | undefined {
  const inChoice = asObject(asArray(json.choices)[0])?.error;
  const body = json.error ?? (json.object === 'error' || isBareError(json) ? json : undefined) ?? inChoice;
  return body === undefined || body === null ? undefined : bodyError(body);
}

/**
 * An error without an envelope in the place of an answer: FastAPI's `detail`, `errors`, `success: false`, MiniMax's
 * `base_resp`, a `message` beside an error's code or type. What servers report of themselves between the pieces is no error.
 */
function isBareError(json: JsonObject): boolean {
  if (json.choices !== undefined && json.choices !== null) return false;
  if (json.detail !== undefined || json.errors !== undefined || json.success === false) return true;
  const status = asObject(json.base_resp)?.status_code;
  if (typeof status === 'number' && status !== 0) return true;
  if (typeof json.message !== 'string') return false;
  return (
    asErrorStatus(json.code ?? json.status) !== undefined ||
    /error|exception/i.test((asText(json.type) ?? '').slice(0, 100))
  );
}

/** The data of an SSE event that was named `error`. */
export function errorEvent(data: string): ProviderError {
  const json = parseObject(data);
  return (json && errorIn(json)) ?? bodyError(json ?? data);
}

/** OpenRouter and vLLM put the HTTP status into `code`. */
function bodyError(body: unknown): ProviderError {
  const said = readErrorBody(body);
  return vendorError({ said, status: said.status }, 0);
}
