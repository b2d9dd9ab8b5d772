import { Inject, Injectable } from '@nestjs/common';
import { Gauge } from 'prom-client';
import { PrometheusService } from '../../ai-providers/telemetry/prometheus.service.js';
import { JOB_STORE } from './job-store.provider.js';
import type { JobStatus } from '../job.interface.js';
import type { JobStore } from './job.store.js';

/** BullMQ's states in our words. */
const STATES: readonly (readonly [state: string, status: JobStatus])[] = [
  ['waiting', 'queued'],
  ['prioritized', 'queued'],
  ['delayed', 'queued'],
  ['active', 'active'],
  ['completed', 'completed'],
  ['failed', 'failed'],
];

/** How many jobs there are, for Prometheus. Nothing where there is no Redis to ask. */
@Injectable()
export class JobsGauge {
  constructor(@Inject(JOB_STORE) store: JobStore | null, prometheus: PrometheusService) {
    if (store === null) return;
    new Gauge({
      name: 'ai_providers_jobs',
      help: 'Jobs in Redis by status, the same from every replica; failed includes cancelled',
      labelNames: ['status'],
      registers: [prometheus.registry],
      // Workers of one service all count the same jobs.
      aggregator: 'max',
      async collect() {
        this.reset();
        const counts = await store.counts().catch(() => null);
        if (counts === null) return;
        for (const [state, status] of STATES) this.inc({ status }, counts[state] ?? 0);
      },
    });
  }
}
