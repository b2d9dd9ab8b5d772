import { Anthropic, type APIPromise } from '@anthropic-ai/sdk';
import type { ProviderConnection } from '../base-ai.provider.js';
import { refuseToFetch, SdkAnswer } from '../wire/sdk-answer.js';
import { VendorClient } from '../wire/vendor.client.js';

/** Anthropic's own base URL. */
export const ANTHROPIC_BASE_URL = 'https://api.anthropic.com';

/**
 * The last API version with `temperature`, `top_p` and `top_k`, and the one that Anthropic-compatible servers know. The
 * SDK's own, 2026-10-21, answers any of the three with a 400:
 * https://platform.claude.com/docs/en/api/migration-2026-10-21
 */
const API_VERSION = '2023-06-01';

/**
 * Anthropic's SDK, sending by our `VendorClient`: no retries, no timeout, no log, no tracing, nothing from the environment or from
 * credential files (`ANTHROPIC_BASE_URL`, `ANTHROPIC_AUTH_TOKEN`, profiles, …), no headers about the platform. The SDK's own sending
 * takes 51 CPU-µs a request more (`node bench/vendor-clients.mjs`, docs/decisions/0011-vendor-clients.md).
 */
export class AnthropicClient extends Anthropic {
  constructor(private readonly vendor: VendorClient) {
    super({
      // With one given, the SDK looks for no other; the key goes out in the header that `VendorClient` writes.
      apiKey: 'unused',
      baseURL: ANTHROPIC_BASE_URL,
      webhookKey: null,
      fetch: refuseToFetch,
      maxRetries: 0,
      logLevel: 'off',
      openTelemetry: false,
    });
  }

  /** What the methods of the SDK come down to, those that list apart. Its answer is to be had by `asResponse`. */
  override request<Rsp>(options: Parameters<Anthropic['request']>[0]): APIPromise<Rsp> {
    return new SdkAnswer(this.vendor, options) as unknown as APIPromise<Rsp>;
  }
}

/**
 * Sends to Anthropic's REST API; the endpoint may end in `/v1`. The key goes in the header of this API version, which compatible
 * servers read too.
 */
export function anthropicSender({ apiKey, endpoint, transport }: ProviderConnection): VendorClient {
  const baseUrl = new URL(endpoint ?? ANTHROPIC_BASE_URL);
  baseUrl.pathname = baseUrl.pathname.replace(/\/+$/, '').replace(/\/v1$/, '');
  return new VendorClient({
    fetch: transport.fetch,
    baseUrl,
    headers: () => {
      const headers: Record<string, string> = {
        accept: 'application/json',
        'user-agent': 'ai-providers',
        'anthropic-version': API_VERSION,
      };
      if (apiKey !== null) headers['x-api-key'] = apiKey.reveal();
      return headers;
    },
  });
}
