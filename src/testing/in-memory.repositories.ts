import { v4 as uuid } from 'uuid';
import { AIProviderRepository } from '../modules/ai-providers/registry/ai-provider.repository.js';
import { AlertRepository } from '../modules/ai-providers/alerts/alert.repository.js';
import { CircuitOutageRepository } from '../modules/ai-providers/health/circuit-outage.repository.js';
import type {
  NewProviderRow,
  ProviderRow,
  ProviderRowChanges,
} from '../modules/ai-providers/registry/provider-row.js';
import { RequestLogRepository } from '../modules/ai-providers/ledger/request-log.repository.js';
import { StatisticsRepository } from '../modules/ai-providers/statistics/statistics.repository.js';

/** None is opened: what a repository asks of it below is overridden. */
const NO_DATABASE = { isAway: false } as never;

/** Providers in a map, as the table has them. */
export class InMemoryProviderRepository extends AIProviderRepository {
  private readonly rows = new Map<string, ProviderRow>();

  constructor() {
    super(NO_DATABASE);
  }

  override findAll(): Promise<ProviderRow[]> {
    return Promise.resolve([...this.rows.values()]);
  }

  override findById(id: string): Promise<ProviderRow | null> {
    return Promise.resolve(this.rows.get(id) ?? null);
  }

  override create(given: NewProviderRow): Promise<ProviderRow> {
    const now = new Date();
    const row: ProviderRow = {
      encryptedHeaders: null,
      headerNames: null,
      purgedAt: null,
      origin: null,
      ...given,
      id: given.id ?? uuid(),
      createdAt: now,
      updatedAt: now,
      revision: 1n,
    };
    this.rows.set(row.id, row);
    return Promise.resolve(row);
  }

  override createFromOrigin(): Promise<null> {
    return Promise.resolve(null);
  }

  override findByOrigin(): Promise<null> {
    return Promise.resolve(null);
  }

  override update(
    { id, revision }: Pick<ProviderRow, 'id' | 'revision'>,
    changes: ProviderRowChanges,
  ): Promise<ProviderRow | null> {
    const row = this.rows.get(id);
    if (row?.revision !== revision) return Promise.resolve(null);
    const changed: ProviderRow = { ...row, ...changes, updatedAt: new Date(), revision: revision + 1n };
    this.rows.set(id, changed);
    return Promise.resolve(changed);
  }

  override remove({ id, revision }: Pick<ProviderRow, 'id' | 'revision'>): Promise<boolean> {
    return Promise.resolve(this.rows.get(id)?.revision === revision && this.rows.delete(id));
  }

  override hasHistory(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Does nothing: no other process changes the rows. */
  override watch(): void {
    return undefined;
  }
}

/** Keeps nothing: statistics are empty. */
export class EmptyStatisticsRepository extends StatisticsRepository {
  constructor() {
    super(NO_DATABASE, NO_DATABASE);
  }

  override read(): ReturnType<StatisticsRepository['read']> {
    return Promise.resolve([]);
  }

  override failuresByCode(): ReturnType<StatisticsRepository['failuresByCode']> {
    return Promise.resolve({});
  }
}

/** Keeps no requests. */
export class EmptyRequestLogRepository extends RequestLogRepository {
  constructor() {
    super(NO_DATABASE);
  }

  override record(...[entries]: Parameters<RequestLogRepository['record']>): Promise<number> {
    return Promise.resolve(entries.length);
  }

  override deleteSome(): Promise<number> {
    return Promise.resolve(0);
  }
}

/** Raises no alerts. */
export class EmptyAlertRepository extends AlertRepository {
  constructor() {
    super(NO_DATABASE);
  }

  override bringUpToDate(): Promise<void> {
    return Promise.resolve();
  }

  override beginAndEnd(): Promise<void> {
    return Promise.resolve();
  }

  override list(): Promise<[]> {
    return Promise.resolve([]);
  }

  override claimNotice(): Promise<null> {
    return Promise.resolve(null);
  }
}

/** Keeps no outages of circuits; the circuits themselves are as always. */
export class EmptyCircuitOutageRepository extends CircuitOutageRepository {
  constructor() {
    super(NO_DATABASE);
  }

  override keep(): Promise<void> {
    return Promise.resolve();
  }

  override unclosed(): Promise<[]> {
    return Promise.resolve([]);
  }

  override openMs(): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(new Map());
  }

  override skips(): Promise<ReadonlyMap<string, number>> {
    return Promise.resolve(new Map());
  }
}
