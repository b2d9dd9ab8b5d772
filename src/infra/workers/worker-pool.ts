import cluster, { type Worker } from 'node:cluster';
import type { Logger } from '../logging/logger.interface.js';
import { RestartBackoff } from './restart-backoff.js';
import { WorkerCensus } from './worker-census.js';
import type { FromWorker, ToWorker } from './worker-message.js';

/** Who wants to know how a pool goes. */
export interface PoolEvents {
  /** All workers answer requests, at `url`; called again only where that has changed. */
  ready(url: string): void;
  /** The pool cannot go on; what still runs is the caller's to end. */
  failed(reason: string): void;
}

/**
 * The primary's side of a service of several processes on one port: starts workers, replaces those that end, and stops
 * them. The first one starts alone, so that what is made once is made once, and the others find it there.
 *
 * Workers accept from a socket they share. The round robin of `node:cluster` spreads connections a little more evenly, but
 * one that was on its way to a worker when that was killed stays open for ever and is never answered.
 */
export class WorkerPool {
  /** Each with the time at which it began to answer requests. */
  private readonly workers = new Map<Worker, number | undefined>();
  private readonly backoff = new RestartBackoff();
  private readonly census = new WorkerCensus<Worker>((worker) => this.send(worker, { type: 'count' }));
  private state: 'starting' | 'serving' | 'stopping' = 'starting';
  private url: string | undefined;
  private onStopped: () => void = () => undefined;
  private isInOrder = true;

  constructor(
    private readonly size: number,
    private readonly events: PoolEvents,
    private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  start(): void {
    cluster.schedulingPolicy = cluster.SCHED_NONE;
    this.fork();
  }

  /** Lets every worker end what it has in flight; resolves when none is left, with whether all ended in order. */
  async stop(): Promise<boolean> {
    this.state = 'stopping';
    const stopped = new Promise<void>((resolve) => (this.onStopped = resolve));
    for (const [worker, readyAt] of this.workers) {
      if (readyAt === undefined) worker.process.kill('SIGKILL');
      else this.send(worker, { type: 'stop' });
    }
    if (this.workers.size > 0) await stopped;
    return this.isInOrder;
  }

  /** Ends every worker at once. */
  kill(): void {
    this.state = 'stopping';
    for (const worker of this.workers.keys()) worker.process.kill('SIGKILL');
  }

  private fork(): void {
    const worker = cluster.fork();
    this.workers.set(worker, undefined);
    worker.on('message', (message: FromWorker) => void this.hear(worker, message));
    worker.once('exit', (code, signal) => this.ended(worker, signal || `code ${code}`));
    worker.on('error', ({ message }) => {
      // Where there is a process, its `exit` event follows.
      if (worker.process.pid === undefined) this.ended(worker, message);
    });
  }

  private async hear(worker: Worker, message: FromWorker): Promise<void> {
    switch (message.type) {
      case 'ready':
        this.workers.set(worker, performance.now());
        this.isReady(message.url);
        break;
      case 'counted':
        this.census.hear(worker, message.series);
        break;
      case 'not-counted':
        this.logger.warn({ reason: message.reason }, 'A worker cannot say what it has counted');
        break;
      case 'sum': {
        const series = await this.census.take(this.serving());
        this.send(worker, { type: 'summed', id: message.id, series });
        break;
      }
    }
  }

  private isReady(url: string): void {
    if (this.state === 'stopping') return;
    if (this.state === 'starting') while (this.workers.size < this.size) this.fork();
    if (this.serving().length < this.size) return;
    this.state = 'serving';
    if (url !== this.url) this.events.ready(url);
    this.url = url;
  }

  private ended(worker: Worker, how: string): void {
    const readyAt = this.workers.get(worker);
    this.workers.delete(worker);
    this.census.end(worker);
    switch (this.state) {
      case 'starting':
        this.events.failed(`A worker ended at its start with ${how}`);
        break;
      case 'serving':
        this.replace(readyAt === undefined ? 0 : performance.now() - readyAt, how);
        break;
      case 'stopping':
        this.isInOrder &&= readyAt === undefined || how === 'code 0';
        if (this.workers.size === 0) this.onStopped();
        break;
    }
  }

  private replace(servedMs: number, how: string): void {
    const delayMs = this.backoff.delayAfter(servedMs);
    if (this.backoff.isHopeless && this.serving().length === 0) {
      this.events.failed(`Workers end soon after their start, again and again, the last one with ${how}`);
      return;
    }
    this.logger.warn({ how, servedMs: Math.round(servedMs), delayMs }, 'A worker ended and is replaced');
    setTimeout(() => {
      if (this.state === 'serving') this.fork();
    }, delayMs);
  }

  private serving(): Worker[] {
    return [...this.workers].filter(([, readyAt]) => readyAt !== undefined).map(([worker]) => worker);
  }

  private send(worker: Worker, message: ToWorker): void {
    // It may be ending; its `exit` event follows.
    if (worker.isConnected()) worker.send(message, () => undefined);
  }
}
