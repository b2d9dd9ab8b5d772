import { context, diag, DiagLogLevel, metrics, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { Logger } from '../logging/logger.interface.js';

/** Where to and as whom. The endpoint is the base URL of OTLP over HTTP: https://opentelemetry.io/docs/specs/otlp/ */
export interface SdkOptions {
  endpoint: string;
  serviceName: string;
  logger: Pick<Logger, 'warn' | 'error'>;
}

/**
 * Registers OpenTelemetry's SDK for traces and metrics, with W3C trace context, and gives what sends the rest and ends
 * it. Where the host application has registered its own, that one stays. What else there is to set (headers, sampling
 * of batches, resource attributes) is read from the SDK's own `OTEL_…` variables.
 */
export function startSdk({ endpoint, serviceName, logger }: SdkOptions): () => Promise<void> {
  const base = endpoint.replace(/\/+$/, '');
  // Each process is an instance of its own, unless `OTEL_RESOURCE_ATTRIBUTES` names it.
  const detected = detectResources({ detectors: [serviceInstanceIdDetector, envDetector] });
  const named = resourceFromAttributes({ 'service.name': serviceName });
  const resource = defaultResource().merge(detected).merge(named);
  const tracing = new BasicTracerProvider({
    resource,
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: `${base}/v1/traces` }))],
  });
  const metering = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter({ url: `${base}/v1/metrics` }) }),
    ],
  });
  diag.setLogger(
    {
      error: (message) => logger.error({}, `OpenTelemetry: ${message}`),
      warn: (message) => logger.warn({}, `OpenTelemetry: ${message}`),
      info: () => undefined,
      debug: () => undefined,
      verbose: () => undefined,
    },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
  const providers = [
    { provider: tracing, isOurs: trace.setGlobalTracerProvider(tracing) },
    { provider: metering, isOurs: metrics.setGlobalMeterProvider(metering) },
  ];
  const contexts = new AsyncLocalStorageContextManager().enable();
  context.setGlobalContextManager(contexts);
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  return async () => {
    const ended = await Promise.allSettled(providers.map(({ provider }) => provider.shutdown()));
    for (const result of ended)
      if (result.status === 'rejected')
        logger.warn({ err: result.reason as Error }, 'Telemetry was not sent');
    if (providers[0]?.isOurs) {
      trace.disable();
      context.disable();
      propagation.disable();
    }
    if (providers[1]?.isOurs) metrics.disable();
  };
}
