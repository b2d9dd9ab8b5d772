import { Module, type DynamicModule } from '@nestjs/common';
import type { Logger } from './infra/logging/logger.interface.js';
import { AIJobsModule } from './modules/ai-jobs/ai-jobs.module.js';
import { AIProvidersModule } from './modules/ai-providers/ai-providers.module.js';

/** What works on jobs, whatever `AI_JOBS_WORKER` says to the processes that listen. */
@Module({ imports: [AIJobsModule] })
export class WorkerModule {
  static of(logger: Logger): DynamicModule {
    const core = AIProvidersModule.forRoot({
      isGlobal: true,
      controllers: false,
      jobs: { worker: true },
      logger,
    });
    return { module: WorkerModule, imports: [core] };
  }
}
