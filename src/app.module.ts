import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { RouteAccessCheck } from './access/route-access.check.js';
import { EdgeErrorFilter } from './edge-error.filter.js';
import type { Logger } from './infra/logging/logger.interface.js';
import type { WorkerLink } from './infra/workers/worker-link.js';
import { WorkerLinkModule } from './infra/workers/worker-link.module.js';
import { AIJobsModule } from './modules/ai-jobs/ai-jobs.module.js';
import { AIProvidersModule } from './modules/ai-providers/ai-providers.module.js';
import { HealthModule } from './modules/health/health.module.js';
import { MetricsModule } from './modules/metrics/metrics.module.js';
import { OpenAICompatModule } from './modules/openai-compat/openai-compat.module.js';

/** The service: the module, its probes, and one form of error for whatever else is asked. */
@Module({
  imports: [OpenAICompatModule, AIJobsModule, HealthModule, MetricsModule, DiscoveryModule],
  providers: [RouteAccessCheck, { provide: APP_FILTER, useClass: EdgeErrorFilter }],
})
export class AppModule {
  /** @param logger Nest's, where there is none. @param link to the other processes, where this is one of several */
  static of({ logger, link }: { logger?: Logger; link?: WorkerLink } = {}): DynamicModule {
    const workers = link === undefined ? [] : [WorkerLinkModule.of(link)];
    return {
      module: AppModule,
      imports: [AIProvidersModule.forRoot({ isGlobal: true, logger }), ...workers],
    };
  }
}
