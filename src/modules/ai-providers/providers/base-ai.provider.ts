import type { HttpTransport } from '../../../infra/http-client/http-transport.js';
import type { ProviderError } from '../errors/provider.error.js';
import type { AIProviderAdapter, ChatAdapter } from '../interfaces/ai-adapter.interface.js';
import type { ProviderHeader, SecretText } from '../interfaces/ai-provider.interface.js';
import type { Fault } from '../interfaces/attempt.interface.js';
import type { CancelSignal } from '../interfaces/cancel-signal.interface.js';
import { CallFailures } from './refusals/call-failures.js';
import { VendorRefusal } from './refusals/vendor-refusal.js';
import { discardBody } from './wire/response-body.js';
import type { VendorClient } from './wire/vendor.client.js';

/** What an adapter needs to reach its vendor. The transport belongs to the adapter: `close` closes it. */
export interface ProviderConnection {
  readonly apiKey: SecretText | null;
  /** Base URL as the operator set it; null means the vendor's own. */
  readonly endpoint: string | null;
  /** `bearer`, or the name of the header that carries the key; for OpenAI's dialects. */
  readonly authHeader?: string;
  /** What the transport sends besides: secrets too. */
  readonly headers?: readonly ProviderHeader[];
  readonly transport: HttpTransport;
}

/** A request that checks the key and spends no tokens. */
export interface ProbeRequest {
  path: string;
  /** Faults of its answer that still show a server which takes the key: it has no such route, or is asked too often. */
  passing: ReadonlySet<Fault>;
}

/**
 * What every vendor's adapter has in common: its connection, its probe, and the promise that whatever goes wrong is thrown
 * as a `ProviderError` without the key in its text. A vendor brings one member for each operation that it has.
 */
export abstract class BaseAIProvider implements AIProviderAdapter {
  abstract readonly chat: ChatAdapter;
  protected readonly failures: CallFailures;
  private readonly transport: HttpTransport;

  constructor(
    connection: ProviderConnection,
    protected readonly client: VendorClient,
    private readonly probeRequest: ProbeRequest,
  ) {
    this.transport = connection.transport;
    this.failures = new CallFailures({
      apiKey: connection.apiKey,
      secrets: secretsOf(connection),
      toError: (refusal) => this.toError(refusal),
    });
  }

  /** @throws ProviderError where the vendor would not serve. */
  async probe(signal: CancelSignal): Promise<void> {
    const { path, passing } = this.probeRequest;
    try {
      this.failures.assertReady(signal);
      discardBody(await this.client.get(path, signal));
    } catch (error) {
      if (error instanceof VendorRefusal && passing.has(this.toError(error).fault)) return;
      throw this.failures.of(error, signal);
    }
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  /** Maps the vendor's answer that is not 2xx. */
  protected abstract toError(refusal: VendorRefusal): ProviderError;
}

/** A short value of a header is no secret, and blanking it would blank half of what a vendor says. */
const SHORTEST_SECRET_HEADER = 6;

function secretsOf({ apiKey, headers = [] }: ProviderConnection): SecretText[] {
  const values = headers
    .map(({ value }) => value)
    .filter((value) => value.reveal().length >= SHORTEST_SECRET_HEADER);
  return apiKey === null ? values : [apiKey, ...values];
}
