import { discardBody, readBodyText } from './response-body.js';
import type { LeanFetch } from './transport-fault.js';

/** Makes a vendor's own error of an answer that is not 2xx; `text` stands for a body that is no JSON. */
export type RefusalReader = (
  status: number,
  json: object | undefined,
  text: string | undefined,
  headers: Headers,
) => Error;

/** A request whose body is JSON. */
export interface JsonRequest {
  url: string;
  headers: Record<string, string>;
  body: unknown;
  signal: AbortSignal;
}

/**
 * POSTs JSON without an SDK's promises, log lines and second abort controller, which took a twelfth of a whole request's
 * CPU (docs/performance.md). Resolves with the untouched 2xx answer, throws what `refusal` makes of any other.
 */
export async function postJson(
  fetch: LeanFetch,
  { url, headers, body, signal }: JsonRequest,
  refusal: RefusalReader,
): Promise<Response> {
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
  if (response.ok) return response;
  // A refusal whose body breaks off is that refusal all the same.
  const text = await readBodyText(response).catch(() => (discardBody(response), ''));
  const json = parsed(text);
  throw refusal(response.status, json, json === undefined ? text : undefined, response.headers);
}

function parsed(text: string): object | undefined {
  try {
    return (JSON.parse(text) as object | null) ?? undefined;
  } catch {
    return undefined;
  }
}
