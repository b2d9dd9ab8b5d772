import type { FromWorker, Series, ToWorker } from './worker-message.js';

/** The part of a worker's `process` that reaches its primary. */
export interface WorkerChannel {
  send?(message: FromWorker): boolean;
  on(event: 'message', listener: (message: ToWorker) => void): unknown;
}

/** A worker's line to the primary that started it, and by way of it to the other workers. */
export class WorkerLink {
  private readonly waiting = new Map<number, (series: Series[]) => void>();
  private stop: () => void = () => undefined;
  private count: () => Promise<Series[]> = () => Promise.resolve([]);
  private sums = 0;

  constructor(private readonly channel: WorkerChannel) {
    channel.on('message', (message) => this.hear(message));
  }

  /** `stop` is called when the service is to end. */
  onStop(stop: () => void): void {
    this.stop = stop;
  }

  /** `count` is called when somebody asks for what this process has counted. */
  onCount(count: () => Promise<Series[]>): void {
    this.count = count;
  }

  /** This worker answers requests, at `url`. */
  ready(url: string): void {
    this.send({ type: 'ready', url });
  }

  /** What all workers have counted together; a worker that does not answer is in it as it was last heard of. */
  sum(): Promise<Series[]> {
    const id = (this.sums += 1);
    return new Promise((resolve) => {
      this.waiting.set(id, resolve);
      this.send({ type: 'sum', id });
    });
  }

  private hear(message: ToWorker): void {
    switch (message.type) {
      case 'stop':
        this.stop();
        break;
      case 'count':
        this.count().then(
          (series) => this.send({ type: 'counted', series }),
          (error: unknown) => this.send({ type: 'not-counted', reason: String(error) }),
        );
        break;
      case 'summed':
        this.waiting.get(message.id)?.(message.series);
        this.waiting.delete(message.id);
        break;
    }
  }

  private send(message: FromWorker): void {
    this.channel.send?.(message);
  }
}
