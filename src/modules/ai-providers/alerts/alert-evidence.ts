import { Inject, Injectable } from '@nestjs/common';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { CircuitOutage } from '../interfaces/monitoring/circuit-outage.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { StatisticsCell, StatisticsQuery } from '../statistics/statistics-cell.interface.js';
import { CircuitOutageRepository } from '../health/circuit-outage.repository.js';
import { MINUTE_MS } from '../ledger/rollups/usage-row.js';
import { MemoryProviderStateStore } from '../resilience/state/provider-state.memory.store.js';
import type { ProviderRecord, ServiceRecord } from './alert-rules.js';
import { CircuitOutageRecorder } from '../health/circuit-outage.recorder.js';
import { grouped } from '../statistics/statistics-cells.js';
import { CLOCK_SKEW_MS } from '../statistics/time/statistics-range.js';
import { StatisticsReader } from '../statistics/statistics.reader.js';
import { callersOf } from '../statistics/statistics.service.js';
import { aggregateOf } from '../statistics/statistics-aggregate.js';
import { ProviderDirectory } from '../registry/provider-directory.js';

const HOUR_MS = 3_600_000;

/**
 * For so long after its last trial was due, in milliseconds, an outage whose end was not recorded counts as going on: without
 * requests there is no trial, and an alert that ended and began with each of them would wake somebody every minute.
 */
const OUTAGE_GRACE_MS = 5 * 60_000;

/** What the alert rules judge by. */
export interface Evidence {
  service: ServiceRecord;
  /** Of every provider that is registered. */
  providers: ProviderRecord[];
}

/** Gathers what the alert rules judge by, over all replicas. */
@Injectable()
export class AlertEvidence {
  constructor(
    private readonly reader: StatisticsReader,
    private readonly outages: CircuitOutageRepository,
    private readonly recorder: CircuitOutageRecorder,
    private readonly directory: ProviderDirectory,
    private readonly state: MemoryProviderStateStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The last hour with what its first minute lacks, and the month of UTC: a part of a minute would have to be counted row
   * by row, which under load are a hundred thousand, while the service stands still.
   * @throws AIError `DATABASE_UNAVAILABLE`
   */
  async gather(): Promise<Evidence> {
    const now = this.clock.wallTime();
    const hour = { from: new Date(startOfMinute(now - HOUR_MS)), to: new Date(now + CLOCK_SKEW_MS) };
    const month = { from: new Date(startOfMonth(now)), to: hour.to };
    const [cells, failures, unasked] = await Promise.all([
      this.reader.readAll([
        { ...hour, ...WHOLE, numbers: ['latencies'] },
        { ...month, ...WHOLE, numbers: ['money'] },
      ]),
      this.reader.failuresByCode(hour),
      this.reader.failuresByCode({ ...hour, providerId: '' }),
      this.recorder.flush(),
    ]);
    // After the reader has seen to it that what this replica has just answered is stored.
    const [skips, unclosed] = await Promise.all([
      this.outages.skips(hour),
      this.outages.unclosed(new Date(now - OUTAGE_GRACE_MS)),
    ]);
    const [lastHour = [], thisMonth = []] = cells;
    const outages = new Map(unclosed.map((outage) => [outage.providerId, outage]));
    const [hourOf, monthOf] = [byProvider(lastHour), byProvider(thisMonth)];
    const askable = this.directory
      .list({ isActive: true })
      .filter((provider) => this.canBeAsked(provider, outages));
    return {
      service: { callers: callersOf(aggregateOf(lastHour), failures), unanswered: sumOf(unasked) },
      providers: this.directory.all().map(({ id, name, isActive }) => ({
        providerId: id,
        providerName: name,
        lastHour: hourOf.get(id) ?? [],
        thisMonth: monthOf.get(id) ?? [],
        skippedByCircuit: skips.get(id) ?? 0,
        circuitOpenMs: isActive ? openMs(outages.get(id), now) : null,
        hasAlternative: askable.some((other) => other.id !== id),
      })),
    };
  }

  private canBeAsked({ id, keyReadable }: AIProviderConfig, outages: ReadonlyMap<string, unknown>): boolean {
    return keyReadable && !outages.has(id) && this.state.cooldownMs(id) === 0;
  }
}

const WHOLE = { step: 'total', timezone: 'UTC' } as const satisfies Partial<StatisticsQuery>;

function byProvider(cells: readonly StatisticsCell[]): ReadonlyMap<string, StatisticsCell[]> {
  const groups = grouped(cells, ({ providerId }) => providerId);
  return new Map(groups.map((group) => [group[0]?.providerId ?? '', group]));
}

function openMs(outage: CircuitOutage | undefined, now: number): number | null {
  return outage === undefined ? null : Math.max(0, now - outage.openedAt.getTime());
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function startOfMinute(now: number): number {
  return now - (now % MINUTE_MS);
}

function startOfMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
