import { APIError, OpenAI } from 'openai';
import type { SecretText } from '../../interfaces/ai-provider.interface.js';
import { asObject } from '../json-value.js';
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
  /** Of the few paths that are asked for. */
  private readonly urls = new Map<string, string>();

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
  }

  /**
   * The request without the SDK's telemetry headers. The SDK's own way copies all headers several times, which on one
   * core took a tenth of a whole request's CPU (docs/performance.md).
   */
  override buildRequest({
    method,
    path,
    query,
    body,
    signal,
  }: Parameters<OpenAI['buildRequest']>[0]): ReturnType<OpenAI['buildRequest']> {
    const url = query ? this.buildURL(path, query as Record<string, unknown>) : this.urlOf(path);
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'ai-providers' };
    if (this.key !== null) headers.authorization = `Bearer ${this.key.reveal()}`;
    const req: RequestInit = { method: method.toUpperCase(), headers };
    if (signal) req.signal = signal;
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      req.body = JSON.stringify(body);
    }
    // What the SDK does with the headers from here on, it does with a plain object too.
    return Promise.resolve({ req: req as typeof req & { headers: Headers }, url, timeout: NO_TIMEOUT_MS });
  }

  /** Without the SDK's timer and its second abort signal: deadlines and aborts are the caller's. */
  override fetchWithTimeout(url: string | URL | Request, init: RequestInit | undefined): Promise<Response> {
    return this.send(url, init);
  }

  private urlOf(path: string): string {
    const known = this.urls.get(path);
    if (known !== undefined) return known;
    const url = this.buildURL(path, null);
    this.urls.set(path, url);
    return url;
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
}
