import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { EgressPolicy } from '../../../../infra/http-client/egress-policy.js';
import { Telemetry } from '../../../../infra/telemetry/telemetry.js';
import type { AIProviderAdapter } from '../../interfaces/ai-adapter.interface.js';
import type { AIProviderConfig } from '../../interfaces/ai-provider.interface.js';
import type { AdapterSource } from '../../interfaces/ai-adapter.interface.js';
import { createAdapter } from '../../providers/adapter.factory.js';
import { OneCallAdapter } from './one-call.adapter.js';
import { TracedAdapter } from './traced.adapter.js';
import { ProviderDirectory } from '../provider-directory.js';

/** How long a stop waits for calls that no request waits for, such as a probe, in milliseconds. */
const CLOSE_MS = 250;

/** One adapter, with its connections and its key in clear, for each active provider as it is configured now. */
@Injectable()
export class AIAdapterPool implements AdapterSource, OnApplicationShutdown {
  private readonly adapters = new Map<string, { config: AIProviderConfig; adapter: AIProviderAdapter }>();
  private readonly closing = new Set<Promise<void>>();

  constructor(
    private readonly egress: EgressPolicy,
    private readonly telemetry: Telemetry,
    private readonly directory: ProviderDirectory,
  ) {
    directory.onChange(({ id }) => {
      this.drop(id);
      return undefined;
    });
  }

  /**
   * The provider's adapter while its configuration is in force. A request that began before a change gets one for a single
   * call by the configuration that it was planned with.
   */
  adapterFor(config: AIProviderConfig): AIProviderAdapter {
    const known = this.adapters.get(config.id);
    if (known?.config === config) return known.adapter;
    if (this.directory.byId(config.id) !== config || !config.isActive)
      return new OneCallAdapter(this.make(config));
    const adapter = this.make(config);
    this.adapters.set(config.id, { config, adapter });
    return adapter;
  }

  async onApplicationShutdown(): Promise<void> {
    for (const id of [...this.adapters.keys()]) this.drop(id);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    await Promise.race([Promise.all(this.closing), late]);
    clearTimeout(timer);
  }

  /** Its calls in flight end first; then nothing is left of it. */
  private drop(providerId: string): void {
    const known = this.adapters.get(providerId);
    if (known === undefined) return;
    this.adapters.delete(providerId);
    const closed = known.adapter.close().finally(() => this.closing.delete(closed));
    this.closing.add(closed);
  }

  private make(config: AIProviderConfig): AIProviderAdapter {
    const adapter = createAdapter(config, this.egress);
    return this.telemetry.isOn ? new TracedAdapter(adapter, config) : adapter;
  }
}
