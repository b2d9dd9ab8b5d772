import { CacheModule } from '@nestjs/cache-manager';
import { Module, type DynamicModule, type FactoryProvider, type Provider } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { loadConfig, type AppConfig, type AppConfigOverrides } from '../../app-config.js';
import { APP_CONFIG } from '../../infra/config/config.token.js';
import { FoundationModule } from '../../foundation.module.js';
import { REDIS } from '../../infra/redis/redis.token.js';
import { EgressPolicy } from '../../infra/http-client/egress-policy.js';
import { INFRA_PROVIDERS } from '../../infra/infra.providers.js';
import { ConnectionCloser } from '../../infra/http-server/connection.closer.js';
import { systemClock } from '../../infra/time/system-clock.js';
import {
  ConfigurableModuleClass,
  MODULE_OPTIONS_TOKEN,
  type AIProvidersModuleExtras,
  type ASYNC_OPTIONS_TYPE,
  type OPTIONS_TYPE,
} from './ai-providers.module-definition.js';
import { CompletionResponder } from './completion.responder.js';
import { CLOCK } from './interfaces/clock.interface.js';
import { REQUEST_LISTENERS } from './interfaces/request-listener.interface.js';
import { AlertRepository } from './alerts/alert.repository.js';
import { CircuitOutageRepository } from './health/circuit-outage.repository.js';
import { AIProviderRepository } from './registry/ai-provider.repository.js';
import { RequestLogRepository } from './ledger/request-log.repository.js';
import { RequestLogRetention } from './ledger/request-log.retention.js';
import { StatisticsRepository } from './statistics/statistics.repository.js';
import { AIAdapterPool } from './registry/adapters/ai-adapter.pool.js';
import { AIMonitoringService } from './services/ai-monitoring.service.js';
import { AIProviderRegistryService } from './services/ai-provider-registry.service.js';
import { AIRequestManagerService } from './services/ai-request-manager.service.js';
import { AlertEvidence } from './alerts/alert-evidence.js';
import { AlertService } from './alerts/alert.service.js';
import { AlertWatch } from './alerts/alert-watch.service.js';
import { CircuitBreakerService } from './services/circuit-breaker.service.js';
import { CircuitOutageRecorder } from './health/circuit-outage.recorder.js';
import { DefaultProviderRegistrar } from './registry/default-provider.registrar.js';
import { EndedRequests } from './ledger/ended-requests.js';
import { GenAIMetrics } from './telemetry/gen-ai.metrics.js';
import { LOCAL_STATE_PROVIDER } from './resilience/state/local-state.provider.js';
import { POLICIES_PROVIDER } from './policies.provider.js';
import { PIPELINE_PROVIDER } from './pipeline.provider.js';
import { ProviderHistory } from './statistics/provider-history.service.js';
import { ProviderDirectory } from './registry/provider-directory.js';
import { ProviderChangeLog } from './registry/provider-change.log.js';
import { ProviderKeyVault } from './registry/provider-key.vault.js';
import { ProbeCounters } from './health/probe-counters.js';
import { ProviderHealthService } from './health/provider-health.service.js';
import { ProviderMetricsService } from './health/provider-metrics.service.js';
import { ProviderStateGate } from './admission/provider-state.gate.js';
import { PrometheusService } from './telemetry/prometheus.service.js';
import { ProviderUptimeReader } from './health/provider-uptime.reader.js';
import { ProviderTrafficService } from './admission/provider-traffic.service.js';
import { REQUEST_QUEUE_PROVIDER } from './admission/request-queue.provider.js';
import { RequestLoad } from './admission/request-load.service.js';
import { RequestLogService } from './telemetry/request-log.service.js';
import { RequestRecorder } from './ledger/request-recorder.service.js';
import { RequestTracing } from './telemetry/request-tracing.service.js';
import { RequestsInFlight } from './admission/requests-in-flight.js';
import { SharedStateGate } from './admission/shared-state.gate.js';
import { SHARED_STATE_PROVIDER } from './resilience/state/shared-state.provider.js';
import { StatisticsReader } from './statistics/statistics.reader.js';
import { StatisticsService } from './statistics/statistics.service.js';
import { answerCacheOptions } from './policies/cache/answer-cache.options.js';
import { AnswerClaims } from './policies/cache/answer.claims.js';
import { ANSWER_STORE } from './policies/cache/answer-cache.ports.js';
import { CachedAnswerStore } from './policies/cache/answer.store.js';
import { HOST_POLICIES } from './policies/policy.interface.js';

const EXPORTED = [
  AIRequestManagerService,
  AIProviderRegistryService,
  CircuitBreakerService,
  AIMonitoringService,
];

/**
 * Multi-provider access to large language models. `forRoot` and `forRootAsync` take any part of the configuration; the
 * environment decides what they leave out. With `controllers: false` nothing is served over HTTP.
 */
@Module({
  providers: [
    { provide: CLOCK, useValue: systemClock },
    ...INFRA_PROVIDERS,
    AIProviderRepository,
    RequestLogRepository,
    RequestLogRetention,
    StatisticsRepository,
    ProviderKeyVault,
    ProviderDirectory,
    ProviderHistory,
    DefaultProviderRegistrar,
    AIAdapterPool,
    ProviderTrafficService,
    LOCAL_STATE_PROVIDER,
    SHARED_STATE_PROVIDER,
    SharedStateGate,
    ProviderStateGate,
    REQUEST_QUEUE_PROVIDER,
    EndedRequests,
    ProviderChangeLog,
    RequestLogService,
    RequestRecorder,
    RequestsInFlight,
    RequestLoad,
    PrometheusService,
    GenAIMetrics,
    RequestTracing,
    CachedAnswerStore,
    { provide: ANSWER_STORE, useExisting: CachedAnswerStore },
    { provide: REQUEST_LISTENERS, useValue: [] },
    AnswerClaims,
    POLICIES_PROVIDER,
    PIPELINE_PROVIDER,
    CompletionResponder,
    ConnectionCloser,
    ProbeCounters,
    ProviderHealthService,
    ProviderMetricsService,
    ProviderUptimeReader,
    StatisticsReader,
    StatisticsService,
    AlertRepository,
    AlertEvidence,
    CircuitOutageRepository,
    CircuitOutageRecorder,
    AlertService,
    AlertWatch,
    ...EXPORTED,
  ],
  exports: [...EXPORTED, CompletionResponder, PrometheusService, EgressPolicy, FoundationModule],
})
export class AIProvidersModule extends ConfigurableModuleClass {
  static override forRoot(options: typeof OPTIONS_TYPE): DynamicModule {
    return wired(super.forRoot(options), inPlace(options));
  }

  static override forRootAsync(options: typeof ASYNC_OPTIONS_TYPE): DynamicModule {
    return wired(super.forRootAsync(options), inPlace(options));
  }
}

/** What the application has of its own. */
function inPlace({ policies = [], extensions = [] }: AIProvidersModuleExtras): Provider[] {
  return [...(policies.length === 0 ? [] : [{ provide: HOST_POLICIES, useValue: policies }]), ...extensions];
}

/**
 * The options go to a module of their own, since the cache beside this module is made by them too. Of two providers of one
 * token Nest takes the dynamic one, so `extensions` stand in place of this module's own.
 */
function wired(
  { providers = [], imports = [], ...definition }: DynamicModule,
  extensions: Provider[],
): DynamicModule {
  const config: FactoryProvider<AppConfig> = {
    provide: APP_CONFIG,
    inject: [MODULE_OPTIONS_TOKEN, ModulesContainer],
    useFactory: (overrides: AppConfigOverrides, modules: ModulesContainer) => {
      assertImportedOnce(modules);
      return loadConfig(undefined, overrides);
    },
  };
  const foundation = FoundationModule.of({ imports, providers: [...providers, config] });
  const cache = CacheModule.registerAsync({
    imports: [foundation],
    inject: [APP_CONFIG, REDIS],
    useFactory: answerCacheOptions,
  });
  return { ...definition, imports: [...imports, foundation, cache], providers: extensions };
}

/** Two of them would share a database and journal without knowing of one another. */
function assertImportedOnce(modules: ModulesContainer): void {
  const imported = [...modules.values()].filter(({ metatype }) => metatype === AIProvidersModule);
  if (imported.length <= 1) return;
  throw new Error(
    'AIProvidersModule is imported twice: call forRoot or forRootAsync once, with isGlobal: true where several modules use it',
  );
}
