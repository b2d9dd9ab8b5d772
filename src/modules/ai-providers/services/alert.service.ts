import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG, type AppConfig } from '../../../infra/config/app-config.interface.js';
import type { Alert, AlertFinding, AlertSeverity, AlertStatus } from '../interfaces/alert.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { CellNumbers, StatisticsCell } from '../interfaces/statistics.interface.js';
import { AlertRepository } from '../persistence/alert.repository.js';
import { MINUTE_MS } from '../persistence/usage-row.js';
import { judge } from './alert-rules.js';
import { AIProviderRegistryService } from './ai-provider-registry.service.js';
import { CLOCK_SKEW_MS } from './statistics-range.js';
import { StatisticsReader } from './statistics.reader.js';

const HOUR_MS = 3_600_000;
const GRAVEST_FIRST: readonly AlertSeverity[] = ['critical', 'warning', 'info'];

/** Judges the specification's rules by what was counted and keeps since when each has held. */
@Injectable()
export class AlertService {
  constructor(
    private readonly reader: StatisticsReader,
    private readonly registry: AIProviderRegistryService,
    private readonly alerts: AlertRepository,
    @Inject(APP_CONFIG) private readonly config: AppConfig,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The alerts of a status, judged anew: active ones gravest first, others newest first, a thousand at most.
   * @throws AIError `DATABASE_UNAVAILABLE`
   */
  async list(status: AlertStatus | 'all' = 'active'): Promise<Alert[]> {
    await this.judge();
    const alerts = await this.alerts.list(status);
    return status === 'active' ? alerts.sort((left, right) => gravity(left) - gravity(right)) : alerts;
  }

  /**
   * Raises what holds and is not known, ends what holds no longer: error rate and latency over the last hour and
   * what its first minute lacks, cost over the month of UTC: a part of a minute would have to be counted row by row, which
   * under load are a hundred thousand, while the service stands still.
   * @throws AIError `DATABASE_UNAVAILABLE`
   */
  async judge(): Promise<void> {
    const now = this.clock.wallTime();
    const [lastHour, thisMonth] = await Promise.all([
      this.read(startOfMinute(now - HOUR_MS), now, 'latencies'),
      this.read(startOfMonth(now), now, 'money'),
    ]);
    const findings = this.registry.all().flatMap(({ id, name }): AlertFinding[] => {
      const mine = ({ providerId }: StatisticsCell): boolean => providerId === id;
      const record = {
        providerId: id,
        providerName: name,
        lastHour: lastHour.filter(mine),
        thisMonth: thisMonth.filter(mine),
      };
      return judge(record, this.config.alerts);
    });
    const announces = this.config.alerts.webhookUrl !== undefined;
    await this.alerts.bringUpToDate(findings, new Date(now), announces);
  }

  private read(from: number, now: number, numbers: CellNumbers): Promise<StatisticsCell[]> {
    return this.reader.read({
      from: new Date(from),
      to: new Date(now + CLOCK_SKEW_MS),
      step: 'total',
      timezone: 'UTC',
      numbers: [numbers],
    });
  }
}

function gravity({ severity }: Alert): number {
  return GRAVEST_FIRST.indexOf(severity);
}

function startOfMinute(now: number): number {
  return now - (now % MINUTE_MS);
}

function startOfMonth(now: number): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1);
}
