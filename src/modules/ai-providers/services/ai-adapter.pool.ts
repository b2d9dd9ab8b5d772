import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { EgressPolicy } from '../../../infra/http/egress-policy.js';
import { Telemetry } from '../../../infra/telemetry/telemetry.js';
import type { AIProviderAdapter } from '../interfaces/ai-adapter.interface.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { AdapterSource } from '../pipeline/ports.js';
import { createAdapter } from '../providers/adapter.factory.js';
import { TracedAdapter } from './traced.adapter.js';

/** One adapter, with its connections, for each provider as it is configured now. */
@Injectable()
export class AIAdapterPool implements AdapterSource, OnApplicationShutdown {
  private readonly adapters = new Map<string, { config: AIProviderConfig; adapter: AIProviderAdapter }>();
  private readonly closing = new Set<Promise<void>>();

  constructor(
    private readonly egress: EgressPolicy,
    private readonly telemetry: Telemetry,
  ) {}

  /** A changed configuration gets a new adapter; the old one closes when its calls have ended. */
  adapterFor(config: AIProviderConfig): AIProviderAdapter {
    const known = this.adapters.get(config.id);
    if (known?.config.revision === config.revision) return known.adapter;
    if (known && known.config.revision > config.revision) return this.make(config);
    const adapter = this.make(config);
    this.adapters.set(config.id, { config, adapter });
    if (known) this.close(known.adapter);
    return adapter;
  }

  async onApplicationShutdown(): Promise<void> {
    for (const { adapter } of this.adapters.values()) this.close(adapter);
    this.adapters.clear();
    await Promise.all(this.closing);
  }

  private make(config: AIProviderConfig): AIProviderAdapter {
    const adapter = createAdapter(config, this.egress);
    return this.telemetry.isOn ? new TracedAdapter(adapter, config) : adapter;
  }

  private close(adapter: AIProviderAdapter): void {
    const closed = adapter.close().finally(() => this.closing.delete(closed));
    this.closing.add(closed);
  }
}
