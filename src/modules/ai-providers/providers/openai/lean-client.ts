import { OpenAI, type APIPromise } from 'openai';
import type { SecretText } from '../../interfaces/ai-provider.interface.js';
import { memoisedUrls, RawAnswer, sendCall, type LeanFetch } from '../wire/sdk-request.js';

type Options = Parameters<OpenAI['request']>[0];

/**
 * OpenAI's client without a will of its own: no retries, no timeout, no log, nothing from the environment
 * (`OPENAI_BASE_URL`, `OPENAI_ORG_ID`, `OPENAI_CUSTOM_HEADERS`, …), and no `Authorization` where there is no key.
 */
export class LeanOpenAI extends OpenAI {
  private readonly key: SecretText | null;
  private readonly send: LeanFetch;
  private readonly urlOf = memoisedUrls((path) => this.buildURL(path, null));

  /** @param authHeader `bearer`, or the name of the header in which the key goes as it is */
  constructor(
    baseUrl: URL,
    key: SecretText | null,
    fetch: LeanFetch,
    private readonly authHeader = 'bearer',
  ) {
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
      logLevel: 'off',
    });
    this.key = key;
    this.send = fetch;
  }

  /** What every method of the SDK comes down to; without its telemetry headers. The answer is to be had by `asResponse`. */
  override request<Rsp>(options: Options): APIPromise<Rsp> {
    return new RawAnswer(this.answer(options)) as unknown as APIPromise<Rsp>;
  }

  private async answer(given: Options): Promise<Response> {
    const options = await given;
    const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'ai-providers' };
    if (this.key !== null) {
      if (this.authHeader === 'bearer') headers.authorization = `Bearer ${this.key.reveal()}`;
      else headers[this.authHeader] = this.key.reveal();
    }
    return sendCall(this.send, this.urlOf(options.path), options, headers);
  }
}
