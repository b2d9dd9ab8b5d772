import { Module } from '@nestjs/common';
import { APP_FILTER, DiscoveryModule } from '@nestjs/core';
import { RouteAccessCheck } from './infra/access/route-access.check.js';
import { EdgeErrorFilter } from './edge-error.filter.js';
import { AIProvidersModule } from './modules/ai-providers/ai-providers.module.js';
import { HealthModule } from './modules/health/health.module.js';
import { MetricsModule } from './modules/metrics/metrics.module.js';
import { OpenAICompatModule } from './modules/openai-compat/openai-compat.module.js';

/** The service: the module, its probes, and one form of error for whatever else is asked. */
@Module({
  imports: [
    AIProvidersModule.forRoot({ isGlobal: true }),
    OpenAICompatModule,
    HealthModule,
    MetricsModule,
    DiscoveryModule,
  ],
  providers: [RouteAccessCheck, { provide: APP_FILTER, useClass: EdgeErrorFilter }],
})
export class AppModule {}
