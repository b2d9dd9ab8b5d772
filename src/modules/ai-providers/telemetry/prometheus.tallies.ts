import type { PrometheusSeries, ProviderLabels } from './prometheus.series.js';
import type { HistogramTally, Tally } from './tallied.metrics.js';

/** Gives the tally of a name, made where it is asked for first. */
function memoised(make: (name: string) => Tally): (name: string) => Tally {
  const known = new Map<string, Tally>();
  return (name) => {
    let tally = known.get(name);
    if (tally === undefined) known.set(name, (tally = make(name)));
    return tally;
  };
}

/** What is counted of requests of one form. */
export class RequestTallies {
  /** By "ok" or the code of the error. */
  readonly ended: (code: string) => Tally;
  readonly recovered: Tally;
  readonly latency: HistogramTally;
  readonly overhead: HistogramTally;

  constructor(series: PrometheusSeries, form: Record<'streamed' | 'cached', string>) {
    this.ended = memoised((code) => series.requests.child({ code, ...form }));
    this.recovered = series.recovered.child({});
    this.latency = series.latency.child(form);
    this.overhead = series.overhead.child({});
  }
}

/** What is counted of one provider. */
export class ProviderTallies {
  /** By outcome. */
  readonly ended: (outcome: string) => Tally;
  readonly cost: (currency: string) => Tally;
  readonly latency: HistogramTally;
  readonly firstToken: HistogramTally;
  readonly promptTokens: Tally;
  readonly completionTokens: Tally;

  constructor(series: PrometheusSeries, labels: ProviderLabels) {
    this.ended = memoised((outcome) => series.attempts.child({ ...labels, outcome }));
    this.cost = memoised((currency) => series.cost.child({ ...labels, currency }));
    this.latency = series.attemptLatency.child(labels);
    this.firstToken = series.firstToken.child(labels);
    this.promptTokens = series.tokens.child({ ...labels, kind: 'prompt' });
    this.completionTokens = series.tokens.child({ ...labels, kind: 'completion' });
  }
}
