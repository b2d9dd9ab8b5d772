import {
  Inject,
  Injectable,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { APP_CONFIG } from '../../../infra/config/config.token.js';
import type { AlertsConfig } from './alerts.config.js';
import { EgressPolicy } from '../../../infra/http-client/egress-policy.js';
import { SignedWebhook, reasonOf, webhookRetryDelay } from '../../../infra/http-client/signed-webhook.js';
import { LOGGER, type Logger } from '../../../infra/logging/logger.interface.js';
import type { AlertNotice } from '../interfaces/monitoring/alert.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import { AlertRepository } from './alert.repository.js';
import { AlertService } from './alert.service.js';

/**
 * Judges the alert rules every `AI_ALERT_CHECK_INTERVAL_MS` and sends the messages that are due. Every replica does; the
 * database sees to it that an alert begins once and that one replica at a time sends a message.
 */
@Injectable()
export class AlertWatch implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly webhook: SignedWebhook | undefined;
  private cancelTimer: (() => void) | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private isFailing = false;

  constructor(
    private readonly alerts: AlertService,
    private readonly notices: AlertRepository,
    egress: EgressPolicy,
    @Inject(APP_CONFIG) private readonly config: { readonly alerts: AlertsConfig },
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Pick<Logger, 'info' | 'warn'>,
  ) {
    const { webhookUrl, webhookSecret } = config.alerts;
    if (webhookUrl !== undefined && webhookSecret !== undefined)
      this.webhook = new SignedWebhook(webhookUrl, webhookSecret, egress);
  }

  onApplicationBootstrap(): void {
    this.wait();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.cancelTimer?.();
    await this.webhook?.close();
    await this.running;
  }

  private wait(): void {
    this.cancelTimer = this.clock.schedule(this.config.alerts.checkIntervalMs, () => {
      this.running = this.round().then(() => {
        if (!this.stopped) this.wait();
      });
    });
  }

  private async round(): Promise<void> {
    try {
      await this.alerts.judge();
      if (this.webhook) await this.sendDue(this.webhook);
      if (this.isFailing) this.logger.info({}, 'Alerts are judged again');
      this.isFailing = false;
    } catch (error) {
      if (!this.isFailing && !this.stopped) this.logger.warn({ err: error }, 'Alerts cannot be judged');
      this.isFailing = true;
    }
  }

  private async sendDue(webhook: SignedWebhook): Promise<void> {
    while (!this.stopped) {
      const notice = await this.notices.claimNotice(this.now());
      if (notice === null) return;
      await this.send(webhook, notice);
    }
  }

  private async send(webhook: SignedWebhook, notice: AlertNotice): Promise<void> {
    try {
      await webhook.send(notice, this.now());
    } catch (error) {
      const delayMs = webhookRetryDelay(notice.attempts);
      const details = { notice: notice.id, attempts: notice.attempts, reason: reasonOf(error) };
      if (delayMs === undefined) {
        this.logger.warn(details, 'An alert’s message was not taken and is given up');
        return this.notices.endNotice(notice.id, this.now(), false);
      }
      if (notice.attempts === 1)
        this.logger.warn(details, 'An alert’s message was not taken; it is sent again');
      return this.notices.postponeNotice(notice.id, new Date(this.clock.wallTime() + delayMs));
    }
    await this.notices.endNotice(notice.id, this.now(), true);
  }

  private now(): Date {
    return new Date(this.clock.wallTime());
  }
}
