import { Anthropic } from '@anthropic-ai/sdk';
import type { SecretText } from '../../interfaces/ai-provider.interface.js';
import type { LeanFetch } from '../transport-fault.js';

/** Anthropic's own base URL. */
export const ANTHROPIC_BASE_URL = 'https://api.anthropic.com';

/**
 * The last API version with `temperature`, `top_p` and `top_k`, and the one that Anthropic-compatible servers know. The
 * SDK's own, 2026-10-21, answers any of the three with a 400:
 * https://platform.claude.com/docs/en/api/migration-2026-10-21
 */
const API_VERSION = '2023-06-01';

/** The longest that a Node timer can wait: the SDK's own timeout, off in effect. Deadlines are the caller's. */
const NO_TIMEOUT_MS = 2_147_483_647;

/** The SDK's headers that reach the vendor. The rest tells about its platform, or comes from its environment. */
const SENT_HEADERS: ReadonlySet<string> = new Set(['accept', 'content-type']);

/**
 * Anthropic's client without a will of its own: no retries, no timeout, no log, no tracing, nothing from the environment
 * or from credential files (`ANTHROPIC_BASE_URL`, `ANTHROPIC_AUTH_TOKEN`, `ANTHROPIC_CUSTOM_HEADERS`, profiles, …).
 */
export class LeanAnthropic extends Anthropic {
  private readonly key: SecretText | null;

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
      timeout: NO_TIMEOUT_MS,
      logLevel: 'off',
      openTelemetry: false,
    });
    this.key = key;
  }

  /** The key goes in the header of this API version, which compatible servers read; the SDK's would be `Authorization`. */
  protected override prepareRequest(request: RequestInit): Promise<void> {
    const headers = request.headers as Headers;
    for (const name of [...headers.keys()]) {
      if (!SENT_HEADERS.has(name)) headers.delete(name);
    }
    headers.set('user-agent', 'ai-providers');
    headers.set('anthropic-version', API_VERSION);
    if (this.key !== null) headers.set('x-api-key', this.key.reveal());
    return Promise.resolve();
  }
}
