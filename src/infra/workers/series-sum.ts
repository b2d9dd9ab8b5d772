import { AggregatorRegistry } from 'prom-client';
import type { Series } from './worker-message.js';

/** Kinds of series that only ever grow. */
const GROWING = new Set(['counter', 'histogram']);

/**
 * What all workers have counted, as last heard of each. What an ended worker had counted stays in the sum: to Prometheus
 * a counter that falls has started anew from zero, and what is left of it would count as new.
 */
export class SeriesSum<Worker> {
  private readonly heard = new Map<Worker, Series[]>();
  private ended: Promise<Series[]> = Promise.resolve([]);

  hear(worker: Worker, series: Series[]): void {
    this.heard.set(worker, series);
  }

  end(worker: Worker): void {
    const last = this.heard.get(worker)?.filter(({ type }) => GROWING.has(type)) ?? [];
    this.heard.delete(worker);
    this.ended = this.ended.then((before) => sumOf([before, last]));
  }

  async current(): Promise<Series[]> {
    const { ended, heard } = this;
    const living = [...heard.values()];
    return sumOf([await ended, ...living]);
  }
}

/** Each series by its own aggregator. */
async function sumOf(processes: readonly Series[][]): Promise<Series[]> {
  const registry = AggregatorRegistry.aggregate([...processes]);
  // prom-client's types give a number as the type, where there is its name.
  return (await registry.getMetricsAsJSON()) as unknown as Series[];
}
