import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { CircuitState } from '../interfaces/ai-provider.interface.js';
import { PlainCounter, PlainHistogram } from './plain.metrics.js';
import { IN_FLIGHT_SERIES, QUEUED_SERIES } from '../admission/load-series.js';

/** Labels that identify a provider: as many series as providers are registered. */
const PROVIDER = ['provider', 'provider_id', 'type'] as const;

/** Seconds. From a cached answer to the longest attempt that the defaults allow. */
const ANSWER_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];

/** Seconds. The service's own share: latencies are kept in whole milliseconds. */
const OVERHEAD_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const CIRCUIT_STATES: readonly CircuitState[] = ['CLOSED', 'OPEN', 'HALF_OPEN'];

/** What the service leans on, and goes on without for a while. */
export type Dependency = 'database' | 'redis' | 'journal';

/** What identifies a provider in every series about it. */
export type ProviderLabels = Record<(typeof PROVIDER)[number], string>;

/** What is read when somebody asks, not counted along the way. */
export interface StandingNumbers {
  inFlight(): number;
  queued(): number;
  journalBytes(): number;
  journalLost(): number;
  journalSetAside(): number;
  /** Whether each dependency of the service is up; those that are not configured are left out. */
  dependencies(): Iterable<{ dependency: Dependency; isUp: boolean }>;
  circuits(): Iterable<{ labels: ProviderLabels; state: CircuitState }>;
}

/**
 * The series, named by Prometheus' conventions (https://prometheus.io/docs/practices/naming/): base units, `_total` for
 * counters. Every label has a bounded set of values; what a caller sends is never one.
 */
export class PrometheusSeries {
  readonly registry = new Registry();
  private readonly registers = [this.registry];

  readonly requests = new PlainCounter({
    name: 'ai_providers_requests_total',
    help: 'Requests that ended, by "ok" or the code of their error',
    labelNames: ['code', 'streamed', 'cached'],
    registers: this.registers,
  });
  readonly latency = new PlainHistogram(
    {
      name: 'ai_providers_request_duration_seconds',
      help: 'From a request’s start to the end of its answer',
      labelNames: ['streamed', 'cached'],
      buckets: ANSWER_BUCKETS,
    },
    this.registers,
  );
  readonly overhead = new PlainHistogram(
    {
      name: 'ai_providers_request_overhead_seconds',
      help: 'The part of an answered request in which no provider was working on it: our own work, queue and backoff',
      labelNames: [] as const,
      buckets: OVERHEAD_BUCKETS,
    },
    this.registers,
  );
  readonly recovered = new PlainCounter({
    name: 'ai_providers_streams_recovered_total',
    help: 'Streams that were cut and went on from another try',
    labelNames: [],
    registers: this.registers,
  });
  readonly attempts = new PlainCounter({
    name: 'ai_providers_attempts_total',
    help: 'Tries that reached a provider, by "success" or their fault',
    labelNames: [...PROVIDER, 'outcome'],
    registers: this.registers,
  });
  readonly attemptLatency = new PlainHistogram(
    {
      name: 'ai_providers_attempt_duration_seconds',
      help: 'How long a successful try took',
      labelNames: PROVIDER,
      buckets: ANSWER_BUCKETS,
    },
    this.registers,
  );
  readonly firstToken = new PlainHistogram(
    {
      name: 'ai_providers_time_to_first_token_seconds',
      help: 'From the call to the first content of a successful stream',
      labelNames: PROVIDER,
      buckets: ANSWER_BUCKETS,
    },
    this.registers,
  );
  readonly tokens = new PlainCounter({
    name: 'ai_providers_tokens_total',
    help: 'Tokens, as the vendor reported them or, where it did not, as they were counted',
    labelNames: [...PROVIDER, 'kind'],
    registers: this.registers,
  });
  readonly cost = new PlainCounter({
    name: 'ai_providers_cost_total',
    help: 'What the tokens cost, in units of the currency; for billing use the statistics, which are exact decimals',
    labelNames: [...PROVIDER, 'currency'],
    registers: this.registers,
  });

  constructor(standing: StandingNumbers) {
    collectDefaultMetrics({ register: this.registry });
    this.gauge(IN_FLIGHT_SERIES, 'Requests being answered now', () => standing.inFlight());
    this.gauge(QUEUED_SERIES, 'Requests that wait for a provider with room', () => standing.queued());
    this.gauge('ai_providers_journal_bytes', 'Bytes of the request journal on disk', () =>
      standing.journalBytes(),
    );
    this.counter(
      'ai_providers_journal_lost_total',
      'Requests that the journal could not take: its budget was used up, or the disk failed',
      () => standing.journalLost(),
    );
    this.counter(
      'ai_providers_journal_set_aside_total',
      'Requests that the database cannot hold, and torn lines of the journal: they are not in the statistics',
      () => standing.journalSetAside(),
    );
    new Gauge({
      name: 'ai_providers_dependency_up',
      help: '1 where the database, Redis or the journal on disk is there, 0 while it is away',
      labelNames: ['dependency'],
      aggregator: 'min',
      registers: this.registers,
      collect() {
        for (const { dependency, isUp } of standing.dependencies()) this.set({ dependency }, Number(isUp));
      },
    });
    new Gauge({
      name: 'ai_providers_circuit_state',
      help: '1 for the state that the circuit of an active provider is in, 0 for the others',
      labelNames: [...PROVIDER, 'state'],
      // Of several processes, what any of them sees: all see the same but for a moment.
      aggregator: 'max',
      registers: this.registers,
      collect() {
        this.reset();
        for (const { labels, state } of standing.circuits()) {
          for (const each of CIRCUIT_STATES) this.set({ ...labels, state: each }, Number(each === state));
        }
      },
    });
  }

  private counter(name: string, help: string, read: () => number): void {
    new Counter({
      name,
      help,
      registers: this.registers,
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  }

  private gauge(name: string, help: string, read: () => number): void {
    new Gauge({
      name,
      help,
      registers: this.registers,
      collect() {
        this.set(read());
      },
    });
  }
}
