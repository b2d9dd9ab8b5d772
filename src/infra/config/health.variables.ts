import { decimal, integer, milliseconds, text, url, webhookSecret } from './value.parser.js';
import { open, optionalSecret } from './variable.js';

/** When a provider is given a rest and when an operator is told. The numbers are the specification's. */
export const HEALTH_VARIABLES = {
  AI_BREAKER_FAILURE_THRESHOLD: open(
    'breaker.failureThreshold',
    integer(1, 10_000),
    5,
    'Failed tries within the monitoring period that open the circuit.',
  ),
  AI_BREAKER_SUCCESS_THRESHOLD: open(
    'breaker.successThreshold',
    integer(1, 10_000),
    2,
    'Successes in a row that close a half-open circuit.',
  ),
  AI_BREAKER_TIMEOUT_MS: open(
    'breaker.timeoutMs',
    milliseconds(),
    60_000,
    'How long an open circuit rests before a trial.',
  ),
  AI_BREAKER_MONITORING_PERIOD_MS: open(
    'breaker.monitoringPeriodMs',
    milliseconds(),
    120_000,
    'Window in which failed tries are counted.',
  ),
  AI_ALERT_ERROR_RATE_CRITICAL: open(
    'alerts.errorRateCritical',
    decimal(0, 100),
    50,
    'Error rate in percent above which the alert is critical.',
  ),
  AI_ALERT_ERROR_RATE_WARNING: open(
    'alerts.errorRateWarning',
    decimal(0, 100),
    20,
    'Error rate in percent above which there is a warning.',
  ),
  AI_ALERT_LATENCY_MS: open(
    'alerts.latencyMs',
    milliseconds(),
    10_000,
    'Average latency above which there is a warning.',
  ),
  AI_ALERT_COST: open(
    'alerts.cost',
    decimal(0, 1_000_000_000),
    100,
    "A provider's cost in the current month above which there is a notice.",
  ),
  AI_ALERT_MIN_REQUESTS: open(
    'alerts.minRequests',
    integer(1, 1_000_000),
    5,
    'Fewer requests in the hour say nothing about an error rate or an average latency.',
  ),
  AI_ALERT_CHECK_INTERVAL_MS: open(
    'alerts.checkIntervalMs',
    milliseconds(100),
    30_000,
    'How often the alert rules are judged, besides whenever somebody asks.',
  ),
  AI_ALERT_WEBHOOK_URL: optionalSecret(
    'alerts.webhookUrl',
    url(['http', 'https']),
    'Where a message goes when an alert begins and when it ends; needs AI_ALERT_WEBHOOK_SECRET.',
  ),
  AI_ALERT_WEBHOOK_SECRET: optionalSecret(
    'alerts.webhookSecret',
    webhookSecret(),
    'Signs these messages as Standard Webhooks says: whsec_ and 24 to 64 random bytes in Base64.',
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: optionalSecret(
    'telemetry.endpoint',
    url(['http', 'https']),
    'OpenTelemetry collector that traces and metrics go to by OTLP over HTTP; unset, none are made.',
  ),
  OTEL_SERVICE_NAME: open(
    'telemetry.serviceName',
    text('a name'),
    'ai-providers',
    'Name of this service in traces and metrics; other OTEL_ variables are those of the SDK.',
  ),
} as const;
