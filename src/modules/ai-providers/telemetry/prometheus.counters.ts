import type { PrometheusSeries, ProviderLabels } from './prometheus.series.js';
import type { HistogramValue, CounterValue } from './plain.metrics.js';

/** Gives the counter of a name, made where it is asked for first. */
function memoised(make: (name: string) => CounterValue): (name: string) => CounterValue {
  const known = new Map<string, CounterValue>();
  return (name) => {
    let counter = known.get(name);
    if (counter === undefined) known.set(name, (counter = make(name)));
    return counter;
  };
}

/** What is counted of requests of one form. */
export class RequestCounters {
  /** By "ok" or the code of the error. */
  readonly ended: (code: string) => CounterValue;
  readonly recovered: CounterValue;
  readonly latency: HistogramValue;
  readonly overhead: HistogramValue;

  constructor(series: PrometheusSeries, form: Record<'streamed' | 'cached', string>) {
    this.ended = memoised((code) => series.requests.child({ code, ...form }));
    this.recovered = series.recovered.child({});
    this.latency = series.latency.child(form);
    this.overhead = series.overhead.child({});
  }
}

/** What is counted of one provider. */
export class ProviderCounters {
  /** By outcome. */
  readonly ended: (outcome: string) => CounterValue;
  readonly cost: (currency: string) => CounterValue;
  readonly latency: HistogramValue;
  readonly firstToken: HistogramValue;
  readonly promptTokens: CounterValue;
  readonly completionTokens: CounterValue;

  constructor(series: PrometheusSeries, labels: ProviderLabels) {
    this.ended = memoised((outcome) => series.attempts.child({ ...labels, outcome }));
    this.cost = memoised((currency) => series.cost.child({ ...labels, currency }));
    this.latency = series.attemptLatency.child(labels);
    this.firstToken = series.firstToken.child(labels);
    this.promptTokens = series.tokens.child({ ...labels, kind: 'prompt' });
    this.completionTokens = series.tokens.child({ ...labels, kind: 'completion' });
  }
}
