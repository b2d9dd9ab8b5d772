import { FakeUpstream } from '../../fakes/upstream/fake-upstream.js';
import type { Script } from '../../fakes/upstream/upstream-script.js';
import { EgressPolicy } from '../../../src/infra/http-client/egress-policy.js';
import { HttpTransport } from '../../../src/infra/http-client/http-transport.js';
import { ProviderError } from '../../../src/modules/ai-providers/errors/provider.error.js';
import type {
  AIProviderAdapter,
  ProviderCall,
  StreamPart,
} from '../../../src/modules/ai-providers/interfaces/ai-adapter.interface.js';
import type { Fault } from '../../../src/modules/ai-providers/interfaces/attempt.interface.js';
import type { ProviderConnection } from '../../../src/modules/ai-providers/providers/base-ai.provider.js';
import type { StreamReader } from '../../../src/modules/ai-providers/providers/chat/streams/stream-reader.js';

/** What a vendor's adapter brings to the suite. */
export interface ConformanceVendor {
  create(connection: ProviderConnection): AIProviderAdapter;
  createReader(): StreamReader;
  /** The endpoint to configure for an upstream at that origin. */
  endpoint(origin: string): string;
  /** The header that bears the key, lower case, and how. */
  keyHeader(key: string): [name: string, value: string];
  model: string;
  /** Calls with the exact body that the upstream must get. */
  requests: { name: string; call: Partial<ProviderCall>; body: object }[];
  /** How the vendor says that the quota is spent, and that the key is bad, where its status alone does not tell. */
  refusals: { name: string; script: Script; fault: Fault }[];
}

interface AdapterOptions {
  endpoint?: string;
  key?: string | null;
  /** Whether loopback addresses are refused. */
  production?: boolean;
  /** Name lookups that never answer, and little patience with them. */
  silentDns?: boolean;
}

export const KEY = 'sk-test-0123456789abcdefghij';
export const TEXT = 'Grüße, 世界! 👋 All is well.';

export function callOf(vendor: ConformanceVendor, more: Partial<ProviderCall> = {}): ProviderCall {
  return { model: vendor.model, messages: [{ role: 'user', content: 'Hi' }], maxTokens: 64, ...more };
}

/** A started upstream and adapters that speak to it; `stop` closes both. */
export class Bench {
  readonly signal = new AbortController().signal;
  private readonly adapters: AIProviderAdapter[] = [];

  private constructor(
    readonly vendor: ConformanceVendor,
    readonly upstream: FakeUpstream,
  ) {}

  static async start(vendor: ConformanceVendor): Promise<Bench> {
    return new Bench(vendor, await FakeUpstream.start());
  }

  get endpoint(): string {
    return this.vendor.endpoint(this.upstream.url);
  }

  adapter(options: AdapterOptions = {}): AIProviderAdapter {
    const { endpoint = this.endpoint, key = KEY, production = false } = options;
    const transport = new HttpTransport({
      baseUrl: endpoint,
      connectTimeoutMs: options.silentDns ? 50 : 2_000,
      egress: new EgressPolicy({ production, allow: [] }),
      resolve: options.silentDns ? () => undefined : undefined,
    });
    const apiKey = key === null ? null : { reveal: () => key };
    const adapter = this.vendor.create({ apiKey, endpoint, transport });
    this.adapters.push(adapter);
    return adapter;
  }

  /** The bytes with which the upstream answers the vendor's own request, as text. */
  async record(script: Script, stream: boolean): Promise<string> {
    this.upstream.next({}, script);
    const adapter = this.adapter();
    const call = callOf(this.vendor);
    await (stream
      ? collect(adapter.chat.stream(call, this.signal))
      : adapter.chat.complete(call, this.signal));
    const { path, rawBody, headers } = this.upstream.lastCall;
    const response = await fetch(this.upstream.url + path, {
      method: 'POST',
      body: rawBody,
      headers: Object.entries(headers)
        .filter(([name]) => ['anthropic-version', 'content-type'].includes(name))
        .map(([name, value]): [string, string] => [name, String(value)]),
    });
    return response.text();
  }

  async stop(): Promise<void> {
    const closed = this.adapters.map((adapter) => adapter.close());
    await this.upstream.stop();
    await Promise.all(closed);
  }
}

/** What a stream said, and how it failed if it did. */
export interface Collected {
  parts: StreamPart[];
  reads: number;
  error?: ProviderError;
}

/** Everything of a stream, a failure included. */
export async function collect(stream: AsyncIterable<readonly StreamPart[]>): Promise<Collected> {
  const parts: StreamPart[] = [];
  let reads = 0;
  try {
    for await (const read of stream) {
      reads++;
      parts.push(...read);
    }
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    return { parts, reads, error };
  }
  return { parts, reads };
}

export function textOf(parts: readonly StreamPart[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** The failure of a promise. Fails itself where there was none, or one that is no `ProviderError`. */
export async function failureOf(promise: Promise<unknown>): Promise<ProviderError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(outcome instanceof ProviderError)) {
    throw new Error('a ProviderError was expected', { cause: outcome });
  }
  return outcome;
}
