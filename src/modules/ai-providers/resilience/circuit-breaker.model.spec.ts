import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CIRCUIT_BREAKER_DEFAULTS } from '../services/circuit-breaker.service.js';
import type { BreakerConfig, BreakerState, BreakerTicket } from './circuit-breaker.machine.js';
import {
  INITIAL_BREAKER_STATE,
  admit,
  onAbandoned,
  onFailure,
  onSuccess,
  reset,
  view,
} from './circuit-breaker.machine.js';

/** As a provider with a timeout of 60 s has it: its lease is 5 s more. */
const CONFIG: BreakerConfig = { ...CIRCUIT_BREAKER_DEFAULTS, trialLeaseMs: 65_000 };

/** A call as an observer of the rules sees it: when it was let through, in which stretch of the circuit's life. */
interface Call {
  ticket: BreakerTicket;
  stretch: number;
  trial: boolean;
  admittedAt: number;
}

/** The rules told from outside, by a history of what happened since the last change instead of by a state. */
interface Model {
  now: number;
  phase: 'CLOSED' | 'OPEN' | 'HALF_OPEN';
  /** Changes of phase so far. */
  stretch: number;
  changedAt: number;
  failedAt: number[];
  successes: number;
  running: Call | null;
  calls: Call[];
  asked: number;
}

interface Real {
  state: BreakerState;
}

type Command = fc.Command<Model, Real>;
type Outcome = 'success' | 'failure' | 'abandoned';

function change(model: Model, phase: Model['phase']): void {
  Object.assign(model, {
    phase,
    stretch: model.stretch + 1,
    changedAt: model.now,
    failedAt: [],
    successes: 0,
    running: null,
  });
}

class Ask implements Command {
  check = (): boolean => true;

  run(model: Model, real: Real): void {
    model.asked += 1;
    const admission = admit(real.state, model.now, CONFIG, `t${model.asked}`);
    real.state = admission.state;
    const expected = this.expected(model);
    expect(admission.decision).toBe(expected);
    if (admission.decision === 'refuse') {
      expect(admission.retryAfterMs).toBeGreaterThan(0);
      return;
    }
    const trial = admission.decision === 'trial';
    const call = { ticket: admission.ticket, stretch: model.stretch, trial, admittedAt: model.now };
    model.calls.push(call);
    if (trial) model.running = call;
  }

  private expected(model: Model): 'allow' | 'trial' | 'refuse' {
    if (model.phase === 'CLOSED') return 'allow';
    if (model.phase === 'OPEN') {
      if (model.now - model.changedAt < CONFIG.timeoutMs) return 'refuse';
      change(model, 'HALF_OPEN');
    }
    return model.running && model.now - model.running.admittedAt < CONFIG.trialLeaseMs ? 'refuse' : 'trial';
  }

  toString = (): string => 'ask';
}

class Report implements Command {
  constructor(
    private readonly pick: number,
    private readonly outcome: Outcome,
  ) {}

  check = (model: Readonly<Model>): boolean => model.calls.length > 0;

  run(model: Model, real: Real): void {
    const [call] = model.calls.splice(this.pick % model.calls.length, 1);
    if (!call) return;
    if (this.outcome === 'success') real.state = onSuccess(real.state, call.ticket, CONFIG);
    if (this.outcome === 'failure') real.state = onFailure(real.state, call.ticket, model.now, CONFIG);
    if (this.outcome === 'abandoned') real.state = onAbandoned(real.state, call.ticket);
    if (call.trial) this.trialEnds(model, call);
    else if (this.outcome === 'failure' && call.stretch === model.stretch) this.failsWhileClosed(model);
  }

  private trialEnds(model: Model, call: Call): void {
    if (model.running !== call) return;
    model.running = null;
    if (this.outcome === 'failure') change(model, 'OPEN');
    if (this.outcome !== 'success') return;
    model.successes += 1;
    if (model.successes === CONFIG.successThreshold) change(model, 'CLOSED');
  }

  private failsWhileClosed(model: Model): void {
    model.failedAt.push(model.now);
    const inside = model.failedAt.filter((at) => model.now - at < CONFIG.monitoringPeriodMs);
    if (inside.length >= CONFIG.failureThreshold) change(model, 'OPEN');
  }

  toString = (): string => `${this.outcome} of call ${this.pick}`;
}

class Pass implements Command {
  constructor(private readonly ms: number) {}

  check = (): boolean => true;

  run(model: Model): void {
    model.now += this.ms;
  }

  toString = (): string => `${this.ms} ms pass`;
}

class Reset implements Command {
  check = (): boolean => true;

  run(model: Model, real: Real): void {
    real.state = reset(real.state);
    change(model, 'CLOSED');
  }

  toString = (): string => 'reset';
}

/** Looks after every command, so that a divergence is found where it begins. */
class Checked implements Command {
  constructor(private readonly inner: Command) {}

  check = (model: Readonly<Model>): boolean => this.inner.check(model);

  run(model: Model, real: Real): void {
    this.inner.run(model, real);
    real.state = JSON.parse(JSON.stringify(real.state)) as BreakerState;
    const due = model.phase === 'OPEN' && model.now - model.changedAt >= CONFIG.timeoutMs;
    expect(view(real.state, model.now).state).toBe(due ? 'HALF_OPEN' : model.phase);
  }

  toString = (): string => this.inner.toString();
}

describe('circuit breaker against its rules', () => {
  const { timeoutMs, trialLeaseMs, monitoringPeriodMs } = CONFIG;
  const times = [
    1,
    timeoutMs / 6,
    timeoutMs - 1,
    timeoutMs,
    trialLeaseMs - 1,
    trialLeaseMs,
    monitoringPeriodMs + 1,
  ];

  it('agrees with the model through any history of calls, late results, pauses and resets', () => {
    const outcome = fc.constantFrom<Outcome>('success', 'failure', 'failure', 'abandoned');
    const command = fc.oneof(
      { weight: 12, arbitrary: fc.constant<Command>(new Ask()) },
      {
        weight: 12,
        arbitrary: fc.tuple(fc.nat(9), outcome).map<Command>(([pick, how]) => new Report(pick, how)),
      },
      {
        weight: 3,
        arbitrary: fc.constantFrom(...times).map<Command>((ms) => new Pass(ms)),
      },
      { weight: 1, arbitrary: fc.constant<Command>(new Reset()) },
    );
    const commands = fc.commands([command.map((inner) => new Checked(inner))], {
      maxCommands: 80,
      size: 'max',
    });
    fc.assert(
      fc.property(commands, (history) => {
        const model: Model = {
          now: 1_000,
          phase: 'CLOSED',
          stretch: 0,
          changedAt: 0,
          failedAt: [],
          successes: 0,
          running: null,
          calls: [],
          asked: 0,
        };
        fc.modelRun(() => ({ model, real: { state: INITIAL_BREAKER_STATE } }), history);
      }),
      { numRuns: 400 },
    );
  });
});
