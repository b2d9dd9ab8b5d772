import { Inject, Injectable, Optional } from '@nestjs/common';
import { WorkerLink } from '../../../infra/workers/worker-link.js';
import type { RequestReport } from '../interfaces/monitoring/statistics-report.interface.js';
import { IN_FLIGHT_SERIES, QUEUED_SERIES } from './load-series.js';
import { REQUEST_QUEUE, type RequestQueue } from './request-queue.provider.js';
import { RequestsInFlight } from './requests-in-flight.js';

/** How many requests this replica works on: this process, or all workers that share its port. */
@Injectable()
export class RequestLoad {
  constructor(
    private readonly inFlight: RequestsInFlight,
    @Inject(REQUEST_QUEUE) private readonly queue: RequestQueue,
    @Optional() @Inject(WorkerLink) private readonly link?: WorkerLink,
  ) {}

  async now(): Promise<Pick<RequestReport, 'inFlight' | 'queued'>> {
    if (this.link === undefined) return { inFlight: this.inFlight.size, queued: this.queue.size };
    const all = await this.link.sum();
    const valueOf = (series: string): number =>
      all.find(({ name }) => name === series)?.values[0]?.value ?? 0;
    return { inFlight: valueOf(IN_FLIGHT_SERIES), queued: valueOf(QUEUED_SERIES) };
  }
}
