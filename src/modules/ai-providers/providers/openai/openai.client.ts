import { OpenAI, type APIPromise } from 'openai';
import type { ProviderConnection } from '../base-ai.provider.js';
import { refuseToFetch, SdkAnswer } from '../wire/sdk-answer.js';
import { VendorClient } from '../wire/vendor.client.js';

/**
 * OpenAI's SDK, sending by our `VendorClient`: no retries, no timeout, no log, nothing from the environment
 * (`OPENAI_BASE_URL`, `OPENAI_ORG_ID`, `OPENAI_CUSTOM_HEADERS`, …), no headers about the platform. The SDK's own sending takes 61
 * CPU-µs a request more (`node bench/vendor-clients.mjs`, docs/decisions/0011-vendor-clients.md).
 */
export class OpenAIClient extends OpenAI {
  constructor(
    private readonly vendor: VendorClient,
    baseUrl: string,
  ) {
    super({
      // The SDK insists on one; the key goes out in the header that `VendorClient` writes.
      apiKey: 'unused',
      baseURL: baseUrl,
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      fetch: refuseToFetch,
      maxRetries: 0,
      logLevel: 'off',
    });
  }

  /** What the methods of the SDK come down to, those that list apart. Its answer is to be had by `asResponse`. */
  override request<Rsp>(options: Parameters<OpenAI['request']>[0]): APIPromise<Rsp> {
    return new SdkAnswer(this.vendor, options) as unknown as APIPromise<Rsp>;
  }
}

/** Sends to OpenAI's REST API, or a server of its form: the key as a bearer token, or in the header that the operator named. */
export function openAISender(connection: ProviderConnection, baseUrl: string): VendorClient {
  const { apiKey, authHeader = 'bearer', transport } = connection;
  return new VendorClient({
    fetch: transport.fetch,
    baseUrl: new URL(baseUrl),
    headers: () => {
      const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'ai-providers' };
      if (apiKey === null) return headers;
      if (authHeader === 'bearer') headers['authorization'] = `Bearer ${apiKey.reveal()}`;
      else headers[authHeader] = apiKey.reveal();
      return headers;
    },
  });
}
