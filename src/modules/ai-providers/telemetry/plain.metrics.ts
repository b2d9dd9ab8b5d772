import { Counter, Histogram, type Aggregator, type LabelValues, type Registry } from 'prom-client';

/** A number that only grows: the code that counts adds to it. */
export interface CounterValue {
  value: number;
}

/**
 * A counter whose children are plain numbers, where prom-client checks and hashes the labels at each `inc`, those of kept
 * `labels()` too. What is counted of one answered request (five counters, three histograms) takes 0.1 µs of CPU so, 3.8 with
 * kept `labels()` and 14.5 with plain prom-client (medians of 20 rounds by turns, which lie 0.08 to 0.13, 3.3 to 5.0 and 13 to
 * 19 apart).
 */
export class PlainCounter<L extends string> extends Counter<L> {
  private readonly children = new Map<string, CounterValue & { labels: LabelValues<L> }>();

  /** The one child of these labels, to be kept. */
  child(labels: Record<L, string>): CounterValue {
    const key = JSON.stringify(labels);
    let child = this.children.get(key);
    if (child === undefined) this.children.set(key, (child = { labels, value: 0 }));
    return child;
  }

  override async get(): ReturnType<Counter<L>['get']> {
    return { ...(await super.get()), values: [...this.children.values()] };
  }
}

/** A line of the exposition. */
interface ExposedValue {
  metricName: string;
  labels: Record<string, string>;
  value: number;
}

/** Counts of one histogram child, by class; the last is for what lies beyond the last bound. */
export class HistogramValue {
  private readonly counts: number[];
  private sum = 0;
  private count = 0;

  constructor(private readonly bounds: readonly number[]) {
    this.counts = bounds.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count += 1;
    for (let index = 0; index < this.bounds.length; index++) {
      if (value > (this.bounds[index] ?? Infinity)) continue;
      this.counts[index] = (this.counts[index] ?? 0) + 1;
      return;
    }
  }

  /** Cumulative buckets, sum and count, as the exposition format wants them. */
  values(name: string, labels: Record<string, string>): ExposedValue[] {
    let below = 0;
    const buckets = this.bounds.map((le, index) => ({
      metricName: `${name}_bucket`,
      labels: { ...labels, le: String(le) },
      value: (below += this.counts[index] ?? 0),
    }));
    return [
      ...buckets,
      { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: this.count },
      { metricName: `${name}_sum`, labels, value: this.sum },
      { metricName: `${name}_count`, labels, value: this.count },
    ];
  }
}

/** A histogram whose children are plain counts, for the same reason. */
export class PlainHistogram<L extends string> extends Histogram<L> {
  private readonly children = new Map<string, { labels: Record<L, string>; counter: HistogramValue }>();

  constructor(
    private readonly shape: { name: string; help: string; buckets: number[]; labelNames: readonly L[] },
    registers: Registry[],
  ) {
    super({ ...shape, registers });
  }

  /** The one child of these labels, to be kept. */
  child(labels: Record<L, string>): HistogramValue {
    const key = JSON.stringify(labels);
    let child = this.children.get(key);
    if (child === undefined)
      this.children.set(key, (child = { labels, counter: new HistogramValue(this.shape.buckets) }));
    return child.counter;
  }

  override get(): ReturnType<Histogram<L>['get']> {
    // prom-client's types give a number as the type, where there is its name.
    return this.getForPromString() as unknown as ReturnType<Histogram<L>['get']>;
  }

  /** What prom-client's registry reads a histogram by for the text; for JSON it reads `get`. */
  getForPromString(): Promise<{
    name: string;
    help: string;
    type: string;
    values: ExposedValue[];
    aggregator: Aggregator;
  }> {
    const { name, help } = this.shape;
    const values = [...this.children.values()].flatMap(({ labels, counter }) => counter.values(name, labels));
    return Promise.resolve({ name, help, type: 'histogram', values, aggregator: 'sum' });
  }
}
