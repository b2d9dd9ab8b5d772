/** A series of Prometheus with its values, as prom-client's registry gives it in JSON. */
export interface Series {
  name: string;
  help: string;
  type: string;
  /** How the values of several processes become one, by prom-client's name for it. */
  aggregator: string;
  values: { value: number; labels: Record<string, string | number>; metricName?: string }[];
}

/**
 * What a worker says to its primary: that it answers requests, what it has counted or why it cannot say, that it asks for
 * the sum of all.
 */
export type FromWorker =
  | { type: 'ready'; url: string }
  | { type: 'counted'; series: Series[] }
  | { type: 'not-counted'; reason: string }
  | { type: 'sum'; id: number };

/** What the primary says to a worker. */
export type ToWorker =
  { type: 'stop' } | { type: 'count' } | { type: 'summed'; id: number; series: Series[] };
