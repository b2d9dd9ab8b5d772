import type { ProviderError } from '../../errors/provider.error.js';
import { readErrorBody } from '../error-body.js';
import { vendorError } from '../http-fault.js';
import { asArray, asObject, parseObject } from '../json-value.js';
import type { JsonObject } from '../json-value.js';
import type { VendorRefusal } from '../vendor-refusal.js';

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
  const body = json.error ?? (json.object === 'error' ? json : undefined) ?? inChoice;
  return body === undefined || body === null ? undefined : bodyError(body);
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
