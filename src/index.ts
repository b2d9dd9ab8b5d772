/**
 * The package's public face: what another Nest service imports. Everything else in it may change without notice.
 */
export { AIProvidersModule } from './modules/ai-providers/ai-providers.module.js';
export type {
  AIProvidersModuleExtras,
  AIProvidersModuleOptions,
} from './modules/ai-providers/ai-providers.module-definition.js';
export { AIJobsModule } from './modules/ai-jobs/ai-jobs.module.js';
export { AIJobsService } from './modules/ai-jobs/ai-jobs.service.js';
export { OpenAICompatModule } from './modules/openai-compat/openai-compat.module.js';
export { MetricsModule } from './modules/metrics/metrics.module.js';
export { HealthModule } from './modules/health/health.module.js';
export { addAccessSchemes } from './access/access-schemes.js';
export { AIProvidersTestingModule } from './testing/ai-providers-testing.module.js';
export { ScriptedAnswers, type ScriptedAnswer } from './testing/scripted.adapter.js';
export { AIErrorFilter } from './modules/ai-providers/ai-error.filter.js';

export { AIRequestManagerService } from './modules/ai-providers/services/ai-request-manager.service.js';
export { AIProviderRegistryService } from './modules/ai-providers/services/ai-provider-registry.service.js';
export type { ProviderFilter } from './modules/ai-providers/registry/provider-directory.js';
export { CircuitBreakerService } from './modules/ai-providers/services/circuit-breaker.service.js';
export { AIMonitoringService } from './modules/ai-providers/services/ai-monitoring.service.js';

// What an application may put in place of the module's own, by `forRoot({ extensions })`.
export { CLOCK, type Clock } from './modules/ai-providers/interfaces/clock.interface.js';
export { ANSWER_STORE, type AnswerStore } from './modules/ai-providers/policies/cache/answer-cache.ports.js';
export {
  REQUEST_LISTENERS,
  type RequestListener,
} from './modules/ai-providers/interfaces/request-listener.interface.js';
export type {
  AttemptRecord,
  RequestEvent,
} from './modules/ai-providers/interfaces/request-event.interface.js';
export {
  HOST_POLICIES,
  type Policy,
  type PolicyRequest,
  type PolicyTurn,
} from './modules/ai-providers/policies/policy.interface.js';

export { AIError, type AIErrorDetails } from './modules/ai-providers/errors/ai.error.js';
export { ProviderError, type ProviderErrorDetails } from './modules/ai-providers/errors/provider.error.js';
export type { HttpErrorBody } from './modules/ai-providers/errors/to-http-error.js';

export type { AIJob, JobReader, JobStatus, JobSubmission } from './modules/ai-jobs/job.interface.js';
export type * from './modules/ai-providers/interfaces/ai-provider.interface.js';
export type * from './modules/ai-providers/interfaces/monitoring/alert.interface.js';
export type * from './modules/ai-providers/interfaces/attempt.interface.js';
export type * from './modules/ai-providers/interfaces/cancel-signal.interface.js';
export type * from './modules/ai-providers/interfaces/completion.interface.js';
export type * from './modules/ai-providers/interfaces/error-code.interface.js';
export type * from './modules/ai-providers/interfaces/field-problem.interface.js';
export type * from './modules/ai-providers/interfaces/monitoring/health.interface.js';
export type * from './modules/ai-providers/interfaces/message.interface.js';
export type * from './modules/ai-providers/interfaces/monitoring/provider-metrics.interface.js';
export type * from './modules/ai-providers/interfaces/monitoring/statistics-report.interface.js';
export type * from './modules/ai-providers/interfaces/usage.interface.js';
