import { APIError, OpenAI } from 'openai';
import type { SecretText } from '../../interfaces/ai-provider.interface.js';
import { asObject } from '../json-value.js';
import { postJson } from '../lean-request.js';
import type { LeanFetch } from '../transport-fault.js';

/** The longest that a Node timer can wait: the SDK's own timeout, off in effect. Deadlines are the caller's. */
const NO_TIMEOUT_MS = 2_147_483_647;

/**
 * OpenAI's client without a will of its own: no retries, no timeout, no log, nothing from the environment
 * (`OPENAI_BASE_URL`, `OPENAI_ORG_ID`, `OPENAI_CUSTOM_HEADERS`, …), and no `Authorization` where there is no key.
 */
export class LeanOpenAI extends OpenAI {
  private readonly key: SecretText | null;
  private readonly send: LeanFetch;
  private readonly completionsUrl: string;

  constructor(baseUrl: URL, key: SecretText | null, fetch: LeanFetch) {
    super({
      // The SDK insists on one, and lets a variable of its environment replace the header made from it.
      apiKey: 'unused',
      baseURL: `${baseUrl.origin}${baseUrl.pathname}`,
      defaultQuery: Object.fromEntries(baseUrl.searchParams),
      fetch,
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      maxRetries: 0,
      timeout: NO_TIMEOUT_MS,
      logLevel: 'off',
    });
    this.key = key;
    this.send = fetch;
    this.completionsUrl = this.buildURL('/chat/completions', null);
  }

  /** The untouched 2xx answer to a chat completion's body; throws the SDK's error otherwise. */
  complete(body: object, signal: AbortSignal): Promise<Response> {
    return postJson(
      this.send,
      { url: this.completionsUrl, headers: this.sentHeaders(), body, signal },
      (...refused) => this.makeStatusError(...refused),
    );
  }

  /** The SDK's other requests without its telemetry headers. */
  protected override prepareRequest(request: RequestInit): Promise<void> {
    request.headers = this.sentHeaders();
    return Promise.resolve();
  }

  /** Keeps the whole body where a compatible server has no `error` in it, which the SDK would drop. */
  protected override makeStatusError(
    status: number,
    body: object | undefined,
    text: string | undefined,
    headers: Headers,
  ): APIError {
    return APIError.generate(status, { error: asObject(body)?.error ?? body ?? text }, text, headers);
  }

  private sentHeaders(): Record<string, string> {
    return {
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'ai-providers',
      ...(this.key !== null && { authorization: `Bearer ${this.key.reveal()}` }),
    };
  }
}
