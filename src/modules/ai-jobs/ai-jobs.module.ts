import { Module } from '@nestjs/common';
import { AIJobsController } from './ai-jobs.controller.js';
import { AIJobsService } from './ai-jobs.service.js';
import { JOB_STORE_PROVIDER } from './storage/job-store.provider.js';
import { JobWorkers } from './work/job.workers.js';
import { JobsGauge } from './storage/jobs.gauge.js';
import { WEBHOOK_EGRESS_PROVIDER } from './webhook-egress.provider.js';

/** Completions that may wait. Needs `AIProvidersModule.forRoot({ …, isGlobal: true })` beside it, and Redis. */
@Module({
  controllers: [AIJobsController],
  providers: [JOB_STORE_PROVIDER, WEBHOOK_EGRESS_PROVIDER, AIJobsService, JobWorkers, JobsGauge],
  exports: [AIJobsService],
})
export class AIJobsModule {}
