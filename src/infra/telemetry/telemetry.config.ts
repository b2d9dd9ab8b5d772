import * as z from 'zod/mini';
import { text, url } from '../config/value.schemas.js';
import { optionalSecret, variable } from '../config/variable.js';

/** Traces and metrics for a collector. Without an endpoint there are none but the metrics that Prometheus fetches. */
export const telemetryConfig = z.strictObject({
  endpoint: optionalSecret(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    url(['http', 'https']),
    'OpenTelemetry collector that traces and metrics go to by OTLP over HTTP; unset, none are made.',
  ),
  serviceName: variable(
    'OTEL_SERVICE_NAME',
    text('a name'),
    'ai-providers',
    'Name of this service in traces and metrics; other OTEL_ variables are those of the SDK.',
  ),
});
export type TelemetryConfig = Readonly<z.output<typeof telemetryConfig>>;
