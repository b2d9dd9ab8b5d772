import { Module, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { RouteAccessCheck } from './infra/access/route-access.check.js';
import { EdgeErrorFilter } from './edge-error.filter.js';
import type { Logger } from './infra/logging/logger.interface.js';
import { AIProvidersModule } from './modules/ai-providers/ai-providers.module.js';
import { HealthModule } from './modules/health/health.module.js';
import { MetricsModule } from './modules/metrics/metrics.module.js';
import { OpenAICompatModule } from './modules/openai-compat/openai-compat.module.js';

/** The service: the module, its probes, and one form of error for whatever else is asked. */
@Module({
  imports: [OpenAICompatModule, HealthModule, MetricsModule, DiscoveryModule],
  providers: [RouteAccessCheck, { provide: APP_FILTER, useClass: EdgeErrorFilter }],
})
export class AppModule {
  /** With its log going to `logger`; without one, to Nest's. */
  static loggingTo(logger?: Logger): DynamicModule {
    return { module: AppModule, imports: [AIProvidersModule.forRoot({ isGlobal: true, logger })] };
  }
}
