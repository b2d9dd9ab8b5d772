import { Inject, Injectable } from '@nestjs/common';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import type { AlertsConfig } from './alerts.config.js';
import type {
  Alert,
  AlertFinding,
  AlertSeverity,
  AlertStatus,
} from '../interfaces/monitoring/alert.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import { alertKey } from './alert-changes.js';
import { AlertRepository } from './alert.repository.js';
import { AlertEvidence } from './alert-evidence.js';
import { judgeProvider, judgeService } from './alert-rules.js';

const GRAVEST_FIRST: readonly AlertSeverity[] = ['critical', 'warning', 'info'];

/** Judges the specification's rules by what callers got and keeps since when each has held. */
@Injectable()
export class AlertService {
  /** The one under way. */
  private judgement: Promise<AlertFinding[]> | undefined;

  constructor(
    private readonly evidence: AlertEvidence,
    private readonly alerts: AlertRepository,
    @Inject(APP_CONFIG) private readonly config: { readonly alerts: AlertsConfig },
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * The alerts of a status: active ones gravest first with the figures of now, others newest first, a thousand at most.
   * Writes only where a rule has begun or ceased to hold, or holds otherwise.
   * @throws AIError `DATABASE_UNAVAILABLE`
   */
  async list(status: AlertStatus | 'all' = 'active'): Promise<Alert[]> {
    const findings = await this.findings();
    await this.alerts.beginAndEnd(findings, this.now(), this.announces);
    const found = new Map(findings.map((finding) => [alertKey(finding), finding]));
    const alerts = (await this.alerts.list(status)).map((alert) => {
      const finding = alert.status === 'active' ? found.get(alertKey(alert)) : undefined;
      return finding ? { ...alert, ...finding } : alert;
    });
    if (status !== 'active') return alerts;
    // Of one gravity the service's before the providers', these in the order of the registry.
    const order = [...found.keys()];
    const placeOf = (alert: Alert): number => order.indexOf(alertKey(alert));
    return alerts.sort((left, right) => gravity(left) - gravity(right) || placeOf(left) - placeOf(right));
  }

  /**
   * Judges anew and keeps it: raises what holds and is not known, ends what holds no longer, updates the figures.
   * @throws AIError `DATABASE_UNAVAILABLE`
   */
  async judge(): Promise<void> {
    await this.alerts.bringUpToDate(await this.judgeNow(), this.now(), this.announces);
  }

  /** One judgement for all who ask while it is made: dashboards poll, by several at once. */
  private findings(): Promise<AlertFinding[]> {
    this.judgement ??= this.judgeNow().finally(() => {
      this.judgement = undefined;
    });
    return this.judgement;
  }

  private async judgeNow(): Promise<AlertFinding[]> {
    const { service, providers } = await this.evidence.gather();
    const thresholds = this.config.alerts;
    return [
      ...judgeService(service, thresholds),
      ...providers.flatMap((record) => judgeProvider(record, thresholds)),
    ];
  }

  private get announces(): boolean {
    return this.config.alerts.webhookUrl !== undefined;
  }

  private now(): Date {
    return new Date(this.clock.wallTime());
  }
}

function gravity({ severity }: Alert): number {
  return GRAVEST_FIRST.indexOf(severity);
}
