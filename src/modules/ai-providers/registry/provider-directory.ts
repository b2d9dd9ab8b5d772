import { Injectable } from '@nestjs/common';
import { providerNotFound } from '../errors/ai.error.js';
import type { AIProviderConfig, AIProviderType } from '../interfaces/ai-provider.interface.js';
import type { ProviderLookup } from '../interfaces/provider-lookup.interface.js';

/** A provider that came (no `before`), changed, or went (no `after`). */
export interface ProviderChange {
  readonly id: string;
  readonly before: AIProviderConfig | undefined;
  readonly after: AIProviderConfig | undefined;
}

/** Acts on a change; a change made here has been made when it is done. Never rejects. */
export type ProviderListener = (change: ProviderChange) => Promise<void> | undefined;

/** What narrows a list of providers. */
export interface ProviderFilter {
  type?: AIProviderType;
  isActive?: boolean;
  includePurged?: boolean;
}

/** The providers in memory, for code that only reads them, and the listeners to their changes. */
@Injectable()
export class ProviderDirectory implements ProviderLookup {
  private providers: ReadonlyMap<string, AIProviderConfig> = new Map();
  private sorted: readonly AIProviderConfig[] = [];
  private readonly listeners: ProviderListener[] = [];
  /** Ids are never used again: what is removed here does not come back by what was read before. */
  private readonly removed = new Set<string>();

  /** All but the purged ones, highest priority first, the older first among equals. */
  all(): readonly AIProviderConfig[] {
    return this.sorted;
  }

  /** Purged ones too. */
  byId(id: string): AIProviderConfig | undefined {
    return this.providers.get(id);
  }

  /** Providers as `all`, narrowed by `filter`, or widened by the purged ones. */
  list({ type, isActive, includePurged = false }: ProviderFilter = {}): AIProviderConfig[] {
    const all = includePurged ? [...this.everyone()].sort(byPriority) : this.all();
    return all.filter(
      (provider) =>
        (type === undefined || provider.type === type) &&
        (isActive === undefined || provider.isActive === isActive),
    );
  }

  /** Purged ones too, for what they did. @throws AIError `PROVIDER_NOT_FOUND` */
  get(id: string): AIProviderConfig {
    const provider = this.byId(id);
    if (provider === undefined) throw providerNotFound(id);
    return provider;
  }

  /** In no order, purged ones included. */
  everyone(): readonly AIProviderConfig[] {
    return [...this.providers.values()];
  }

  /** Calls `listener` with every change from now on. */
  onChange(listener: ProviderListener): void {
    this.listeners.push(listener);
  }

  /** Takes over one provider as it is now. */
  put(config: AIProviderConfig): Promise<void> {
    return this.takeOver(new Map(this.providers).set(config.id, config));
  }

  remove(id: string): Promise<void> {
    this.removed.add(id);
    const rest = new Map(this.providers);
    rest.delete(id);
    return this.takeOver(rest);
  }

  /** Takes over all as they were read at a time when `before` were known: what has come since stays. */
  replace(configs: readonly AIProviderConfig[], before: readonly AIProviderConfig[]): Promise<void> {
    const known = new Set(before.map(({ id }) => id));
    // Not decided by revision: of two writes at once, the one with the higher revision may be committed and read first.
    const since = this.everyone().filter(({ id }) => !known.has(id));
    return this.takeOver(new Map([...since, ...configs].map((config) => [config.id, config])));
  }

  /**
   * Takes over what was read, unless a later change of a provider is known already, and calls the listeners with what has
   * changed.
   */
  private async takeOver(next: Map<string, AIProviderConfig>): Promise<void> {
    const before = this.providers;
    for (const [id, config] of next) {
      const known = before.get(id);
      if (this.removed.has(id)) next.delete(id);
      else if (known && known.revision >= config.revision) next.set(id, known);
    }
    this.providers = next;
    this.sorted = [...next.values()].filter(({ purgedAt }) => purgedAt === null).sort(byPriority);
    const ids = new Set([...before.keys(), ...next.keys()]);
    const notified = [...ids]
      .map((id) => ({ id, before: before.get(id), after: next.get(id) }))
      .filter((change) => change.before !== change.after)
      .flatMap((change) => this.listeners.map((listener) => listener(change)))
      .filter((done) => done !== undefined);
    await Promise.all(notified);
  }
}

/** Highest priority first, the older first among equals. */
function byPriority(a: AIProviderConfig, b: AIProviderConfig): number {
  return b.priority - a.priority || a.createdAt.getTime() - b.createdAt.getTime() || (a.id < b.id ? -1 : 1);
}

/** Whether calls go to the same place with the same words to say who asks. */
export function isReachedAlike(a: AIProviderConfig, b: AIProviderConfig): boolean {
  return (
    a.type === b.type &&
    a.endpoint === b.endpoint &&
    a.authHeader === b.authHeader &&
    a.apiKey?.reveal() === b.apiKey?.reveal() &&
    a.headers.length === b.headers.length &&
    a.headers.every(({ name, value }, index) => {
      const other = b.headers[index];
      return name === other?.name && value.reveal() === other.value.reveal();
    })
  );
}
