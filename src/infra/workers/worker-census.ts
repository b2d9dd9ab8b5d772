import { SeriesSum } from './series-sum.js';
import type { Series } from './worker-message.js';

/** How long workers may take to say what they have counted. */
const ANSWER_MS = 1_000;

/** Asks workers what they have counted, and adds it up. One that does not answer counts as it was last heard of. */
export class WorkerCensus<Worker> {
  private readonly sum = new SeriesSum<Worker>();
  private missing = new Set<Worker>();
  private running: Promise<void> | undefined;
  private onComplete: () => void = () => undefined;

  /** `ask` makes a worker say what it has counted, to `hear`. */
  constructor(private readonly ask: (worker: Worker) => void) {}

  hear(worker: Worker, series: Series[]): void {
    this.sum.hear(worker, series);
    this.settle(worker);
  }

  end(worker: Worker): void {
    this.sum.end(worker);
    this.settle(worker);
  }

  async take(workers: Iterable<Worker>): Promise<Series[]> {
    await (this.running ??= this.askAll(workers));
    return this.sum.current();
  }

  private async askAll(workers: Iterable<Worker>): Promise<void> {
    this.missing = new Set(workers);
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ANSWER_MS);
      this.onComplete = () => {
        clearTimeout(timer);
        resolve();
      };
      for (const worker of this.missing) this.ask(worker);
    });
    this.running = undefined;
  }

  private settle(worker: Worker): void {
    this.missing.delete(worker);
    if (this.missing.size === 0) this.onComplete();
  }
}
