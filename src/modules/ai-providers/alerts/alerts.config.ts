import * as z from 'zod/mini';
import { notAbove, relation } from '../../../infra/config/relation.js';
import { decimal, integer, milliseconds, url, webhookSecret } from '../../../infra/config/value.schemas.js';
import { optionalSecret, variable } from '../../../infra/config/variable.js';

interface WebhookSettings {
  readonly webhookUrl: string | undefined;
  readonly webhookSecret: string | undefined;
}

/** When alerts are sent, and where. The thresholds are the specification's. */
export const alertsConfig = z
  .strictObject({
    errorRateCritical: variable(
      'AI_ALERT_ERROR_RATE_CRITICAL',
      decimal(0, 100),
      50,
      'Error rate in percent above which the alert is critical.',
    ),
    errorRateWarning: variable(
      'AI_ALERT_ERROR_RATE_WARNING',
      decimal(0, 100),
      20,
      'Error rate in percent above which there is a warning.',
    ),
    latencyMs: variable(
      'AI_ALERT_LATENCY_MS',
      milliseconds(),
      10_000,
      'Average latency above which there is a warning.',
    ),
    cost: variable(
      'AI_ALERT_COST',
      decimal(0, 1_000_000_000),
      100,
      "A provider's cost in the current month, in its own currency, above which there is a notice.",
    ),
    minRequests: variable(
      'AI_ALERT_MIN_REQUESTS',
      integer(1, 1_000_000),
      5,
      'Fewer requests in the hour say nothing about an error rate or an average latency.',
    ),
    checkIntervalMs: variable(
      'AI_ALERT_CHECK_INTERVAL_MS',
      milliseconds(100),
      30_000,
      'How often the alert rules are judged, besides whenever somebody asks.',
    ),
    webhookUrl: optionalSecret(
      'AI_ALERT_WEBHOOK_URL',
      url(['http', 'https']),
      'Where a message goes when an alert begins and when it ends; needs AI_ALERT_WEBHOOK_SECRET.',
    ),
    webhookSecret: optionalSecret(
      'AI_ALERT_WEBHOOK_SECRET',
      webhookSecret(),
      'Signs these messages as Standard Webhooks says: whsec_ and 24 to 64 random bytes in Base64.',
    ),
  })
  .check(
    notAbove('errorRateWarning', 'errorRateCritical'),
    relation<WebhookSettings>({
      about: 'webhookSecret',
      beside: ['webhookUrl'],
      expected: ({ webhookUrl, webhookSecret }) =>
        webhookUrl === undefined || webhookSecret !== undefined
          ? undefined
          : 'a secret when AI_ALERT_WEBHOOK_URL is set; it is not set',
    }),
  );
export type AlertsConfig = Readonly<z.output<typeof alertsConfig>>;
