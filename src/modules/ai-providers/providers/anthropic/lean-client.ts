import { Anthropic, type APIPromise } from '@anthropic-ai/sdk';
import type { SecretText } from '../../interfaces/ai-provider.interface.js';
import { memoisedUrls, RawAnswer, sendCall, type LeanFetch } from '../wire/sdk-request.js';

/** Anthropic's own base URL. */
export const ANTHROPIC_BASE_URL = 'https://api.anthropic.com';

/**
 * The last API version with `temperature`, `top_p` and `top_k`, and the one that Anthropic-compatible servers know. The
 * SDK's own, 2026-10-21, answers any of the three with a 400:
 * https://platform.claude.com/docs/en/api/migration-2026-10-21
 */
const API_VERSION = '2023-06-01';

type Options = Parameters<Anthropic['request']>[0];

/**
 * Anthropic's client without a will of its own: no retries, no timeout, no log, no tracing, nothing from the environment
 * or from credential files (`ANTHROPIC_BASE_URL`, `ANTHROPIC_AUTH_TOKEN`, `ANTHROPIC_CUSTOM_HEADERS`, profiles, …).
 */
export class LeanAnthropic extends Anthropic {
  private readonly key: SecretText | null;
  private readonly send: LeanFetch;
  private readonly urlOf = memoisedUrls((path) => this.buildURL(path, undefined));

  /** `endpoint` is the base URL with or without `/v1`; null means the vendor's own. */
  constructor(endpoint: string | null, key: SecretText | null, fetch: LeanFetch) {
    const { origin, pathname, searchParams } = new URL(endpoint ?? ANTHROPIC_BASE_URL);
    super({
      // With one given, the SDK looks for no other; the key goes out in a header below.
      apiKey: 'unused',
      baseURL: origin + pathname.replace(/\/+$/, '').replace(/\/v1$/, ''),
      defaultQuery: Object.fromEntries(searchParams),
      fetch,
      webhookKey: null,
      maxRetries: 0,
      logLevel: 'off',
      openTelemetry: false,
    });
    this.key = key;
    this.send = fetch;
  }

  /**
   * What every method of the SDK comes down to; without the headers that tell about its platform. The key goes in the
   * header of this API version, which compatible servers read; the SDK's would be `Authorization`. The answer is to be had by
   * `asResponse`.
   */
  override request<Rsp>(options: Options): APIPromise<Rsp> {
    return new RawAnswer(this.answer(options)) as unknown as APIPromise<Rsp>;
  }

  private async answer(given: Options): Promise<Response> {
    const options = await given;
    const headers: Record<string, string> = {
      accept: 'application/json',
      'user-agent': 'ai-providers',
      'anthropic-version': API_VERSION,
    };
    if (this.key !== null) headers['x-api-key'] = this.key.reveal();
    return sendCall(this.send, this.urlOf(options.path), options, headers);
  }
}
