import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { v4 as uuid } from 'uuid';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import { EgressPolicy } from '../../../infra/http-client/egress-policy.js';
import { AIError, providerNotFound } from '../errors/ai.error.js';
import type {
  AIProviderChanges,
  AIProviderConfig,
  NewAIProvider,
  RevisionCondition,
} from '../interfaces/ai-provider.interface.js';
import { AIProviderRepository } from '../registry/ai-provider.repository.js';
import type { ProviderRow, ProviderRowChanges } from '../registry/provider-row.js';
import type { ProviderLookup } from '../interfaces/provider-lookup.interface.js';
import { DefaultProviderRegistrar } from '../registry/default-provider.registrar.js';
import {
  ProviderDirectory,
  type ProviderFilter,
  type ProviderListener,
} from '../registry/provider-directory.js';
import { ProviderDraft } from '../registry/provider-draft.js';
import { ProviderHistory } from '../statistics/provider-history.service.js';
import { ProviderKeyVault } from '../registry/provider-key.vault.js';
import { settingDefaults, type SettingSources } from '../registry/provider-settings.js';

/** Under what condition a provider is changed; without one, whatever it is now. */
export interface ChangeOptions {
  onlyIf?: RevisionCondition;
}

/** Each round that fails is another writer's success: so many of them are let go first. */
const ROUNDS = 50;

/**
 * The registered providers. Reading is from memory and never waits; writing goes to the database first and is in force
 * here when it returns, and on other replicas when they have read it. Secrets are stored encrypted. A row is changed from
 * the row as it is, by its revision, so that of two changes at once the later one has seen the earlier.
 */
@Injectable()
export class AIProviderRegistryService implements ProviderLookup, OnModuleInit {
  private readonly draft: ProviderDraft;

  constructor(
    private readonly directory: ProviderDirectory,
    private readonly repository: AIProviderRepository,
    private readonly vault: ProviderKeyVault,
    private readonly history: ProviderHistory,
    private readonly defaults: DefaultProviderRegistrar,
    egress: EgressPolicy,
    @Inject(APP_CONFIG) config: SettingSources,
  ) {
    this.draft = new ProviderDraft(vault, egress, settingDefaults(config));
  }

  /**
   * Reads all providers, registers those that the environment asks for and no earlier start has seen, and follows what
   * other replicas change.
   */
  async onModuleInit(): Promise<void> {
    await this.defaults.registerAll();
    await this.refresh();
    this.repository.watch(() => this.refresh());
  }

  /** Reads all providers anew, for a change made by another process. */
  async refresh(): Promise<void> {
    const before = this.directory.everyone();
    const rows = await this.repository.findAll();
    const configs = await Promise.all(rows.map((row) => this.vault.open(row, this.directory.byId(row.id))));
    await this.directory.replace(configs, before);
  }

  /** Calls `listener` with every change from now on, made here or by another process, before it is in force for others. */
  onChange(listener: ProviderListener): void {
    this.directory.onChange(listener);
  }

  /** All but purged ones, inactive ones included, highest priority first, the older first among equals. */
  all(): readonly AIProviderConfig[] {
    return this.directory.all();
  }

  byId(id: string): AIProviderConfig | undefined {
    return this.directory.byId(id);
  }

  /** Providers as `all`, narrowed by `filter`, or widened by the purged ones. */
  list(filter?: ProviderFilter): AIProviderConfig[] {
    return this.directory.list(filter);
  }

  /** Purged ones too, for what they did. @throws AIError `PROVIDER_NOT_FOUND` */
  get(id: string): AIProviderConfig {
    return this.directory.get(id);
  }

  /**
   * Registers a provider.
   * @throws AIError `VALIDATION_FAILED`, `DATABASE_UNAVAILABLE`
   */
  async register(input: NewAIProvider): Promise<AIProviderConfig> {
    const id = uuid();
    const row = await this.repository.create({ ...(await this.draft.ofNew(id, input)), origin: null });
    return this.put(row);
  }

  /**
   * Changes the given fields alone; null puts an optional one back to its default.
   * @throws AIError `PROVIDER_NOT_FOUND`, `PROVIDER_CHANGED`, `VALIDATION_FAILED`, `DATABASE_UNAVAILABLE`
   */
  async update(
    id: string,
    changes: AIProviderChanges,
    options: ChangeOptions = {},
  ): Promise<AIProviderConfig> {
    return this.change(id, options, (row) => this.draft.ofChange(row, changes));
  }

  /**
   * Deactivates a provider; what it did stays on record. With `purge` its secrets are erased too, and with them the
   * provider where nothing is on record of it; then it is given back as it was left.
   * @throws AIError `PROVIDER_NOT_FOUND`, `PROVIDER_CHANGED`, `DATABASE_UNAVAILABLE`
   */
  async deactivate(
    id: string,
    { purge = false, ...options }: ChangeOptions & { purge?: boolean } = {},
  ): Promise<AIProviderConfig> {
    if (!purge) return this.change(id, options, () => ({ isActive: false }));
    const purged = await this.change(id, options, () => ({
      isActive: false,
      encryptedApiKey: null,
      apiKeyHint: null,
      encryptedHeaders: null,
      headerNames: null,
      purgedAt: new Date(),
    }));
    // Asked once it takes no more requests. Who changes it meanwhile wants it back.
    if (!(await this.history.has(id)) && (await this.repository.remove(purged)))
      await this.directory.remove(id);
    return purged;
  }

  private async change(
    id: string,
    { onlyIf }: ChangeOptions,
    decide: (row: ProviderRow) => ProviderRowChanges | Promise<ProviderRowChanges>,
  ): Promise<AIProviderConfig> {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const row = await this.repository.findById(id);
      if (row === null) throw providerNotFound(id);
      if (onlyIf !== undefined && onlyIf !== 'any' && !onlyIf.includes(String(row.revision)))
        throw new AIError('PROVIDER_CHANGED', `The provider is at revision ${row.revision} by now`);
      const written = await this.repository.update(row, await decide(row));
      if (written) return this.put(written);
    }
    throw new AIError('PROVIDER_CHANGED', 'The provider is being changed by others all the time');
  }

  private async put(row: ProviderRow): Promise<AIProviderConfig> {
    await this.directory.put(await this.vault.open(row, this.directory.byId(row.id)));
    return this.get(row.id);
  }
}
