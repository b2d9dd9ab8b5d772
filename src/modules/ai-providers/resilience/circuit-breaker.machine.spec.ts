import { describe, expect, it } from '@jest/globals';
import { CIRCUIT_BREAKER_DEFAULTS } from '../services/circuit-breaker.service.js';
import type { Admission, BreakerConfig, BreakerState, BreakerTicket } from './circuit-breaker.machine.js';
import {
  INITIAL_BREAKER_STATE,
  admit,
  follow,
  onAbandoned,
  onFailure,
  onSuccess,
  reset,
  view,
} from './circuit-breaker.machine.js';

/** As a provider with a timeout of 60 s has it: its lease is 5 s more. */
const CONFIG: BreakerConfig = { ...CIRCUIT_BREAKER_DEFAULTS, trialLeaseMs: 65_000 };

/** One circuit on a clock the test sets, kept as JSON between the steps as a store would. */
class Circuit {
  now = 1_000_000;
  private json = JSON.stringify(INITIAL_BREAKER_STATE);
  private trials = 0;

  get state(): BreakerState {
    return JSON.parse(this.json) as BreakerState;
  }

  get kind(): string {
    return view(this.state, this.now).state;
  }

  set(state: BreakerState): void {
    this.json = JSON.stringify(state);
  }

  ask(): Admission {
    this.trials += 1;
    const admission = admit(this.state, this.now, CONFIG, `trial-${this.trials}`);
    this.set(admission.state);
    return admission;
  }

  /** Asks and insists on being let through. */
  enter(): BreakerTicket {
    const admission = this.ask();
    if (admission.decision === 'refuse') throw new Error('refused');
    return admission.ticket;
  }

  fail(ticket = this.enter()): void {
    this.set(onFailure(this.state, ticket, this.now, CONFIG));
  }

  succeed(ticket = this.enter()): void {
    this.set(onSuccess(this.state, ticket, CONFIG));
  }

  abandon(ticket = this.enter()): void {
    this.set(onAbandoned(this.state, ticket));
  }
}

function opened(): Circuit {
  const circuit = new Circuit();
  for (let failure = 0; failure < 5; failure += 1) circuit.fail();
  return circuit;
}

function halfOpen(): Circuit {
  const circuit = opened();
  circuit.now += 60_000;
  return circuit;
}

describe('CLOSED', () => {
  it('lets every call through', () => {
    const circuit = new Circuit();
    expect([circuit.ask().decision, circuit.ask().decision]).toEqual(['allow', 'allow']);
  });

  it('opens at the fifth failure inside 120 s, not at the fourth', () => {
    const circuit = new Circuit();
    const kinds = [1, 2, 3, 4, 5].map(() => {
      circuit.fail();
      circuit.now += 29_999;
      return circuit.state.kind;
    });
    expect(kinds).toEqual(['CLOSED', 'CLOSED', 'CLOSED', 'CLOSED', 'OPEN']);
  });

  it('forgets a failure after 120 s', () => {
    const circuit = new Circuit();
    for (let failure = 0; failure < 20; failure += 1) {
      circuit.fail();
      circuit.now += 30_000;
    }
    expect(circuit.kind).toBe('CLOSED');
  });

  it('forgives no failure for a success', () => {
    const circuit = new Circuit();
    for (let failure = 0; failure < 4; failure += 1) {
      circuit.fail();
      circuit.succeed();
    }
    circuit.fail();
    expect(circuit.kind).toBe('OPEN');
  });

  it('takes no notice of a call that ended without a decision', () => {
    const circuit = new Circuit();
    for (let call = 0; call < 10; call += 1) circuit.abandon();
    expect(circuit.state).toEqual(INITIAL_BREAKER_STATE);
  });
});

describe('OPEN', () => {
  it('refuses until 60 s have passed and says how long that is', () => {
    const circuit = opened();
    circuit.now += 59_999;
    expect(circuit.ask()).toMatchObject({ decision: 'refuse', retryAfterMs: 1 });
    expect(view(circuit.state, circuit.now)).toEqual({ state: 'OPEN', retryAfterMs: 1 });
  });

  it('is half-open after 60 s, and says so before anybody asks', () => {
    const circuit = halfOpen();
    expect(view(circuit.state, circuit.now)).toEqual({ state: 'HALF_OPEN', retryAfterMs: 0 });
    expect(circuit.ask().decision).toBe('trial');
  });

  it('takes no notice of late results of calls admitted before', () => {
    const circuit = new Circuit();
    const [early, late] = [circuit.enter(), circuit.enter()];
    for (let failure = 0; failure < 5; failure += 1) circuit.fail();
    const before = circuit.state;
    circuit.now += 30_000;
    circuit.fail(early);
    circuit.succeed(late);
    expect(circuit.state).toEqual(before);
  });
});

describe('HALF_OPEN', () => {
  it('lets one trial at a time through', () => {
    const circuit = halfOpen();
    expect(circuit.ask().decision).toBe('trial');
    expect(circuit.ask()).toMatchObject({ decision: 'refuse', retryAfterMs: 1_000 });
  });

  it('closes after 2 successes in a row', () => {
    const circuit = halfOpen();
    circuit.succeed();
    expect(circuit.kind).toBe('HALF_OPEN');
    circuit.succeed();
    expect(circuit.kind).toBe('CLOSED');
  });

  it('reopens for another 60 s at 1 failure, also after a success', () => {
    const circuit = halfOpen();
    circuit.succeed();
    circuit.fail();
    expect(view(circuit.state, circuit.now)).toEqual({ state: 'OPEN', retryAfterMs: 60_000 });
    circuit.now += 60_000;
    circuit.succeed();
    expect(circuit.kind).toBe('HALF_OPEN');
  });

  it('frees the place of a trial that ended without a decision and keeps its successes', () => {
    const circuit = halfOpen();
    circuit.succeed();
    circuit.abandon();
    circuit.succeed();
    expect(circuit.kind).toBe('CLOSED');
  });

  it('takes a trial nobody reported on for lost when its lease ends', () => {
    const circuit = halfOpen();
    const lost = circuit.enter();
    circuit.now += CONFIG.trialLeaseMs - 1;
    expect(circuit.ask()).toMatchObject({ decision: 'refuse', retryAfterMs: 1 });
    circuit.now += 1;
    const trial = circuit.enter();
    circuit.fail(lost);
    circuit.succeed(lost);
    circuit.abandon(lost);
    expect(circuit.state).toMatchObject({ kind: 'HALF_OPEN', successes: 0, trial: { id: trial.trialId } });
  });

  it('takes no notice of late results of calls admitted while it was closed', () => {
    const circuit = new Circuit();
    const late = circuit.enter();
    for (let failure = 0; failure < 5; failure += 1) circuit.fail();
    circuit.now += 60_000;
    circuit.enter();
    const before = circuit.state;
    circuit.fail(late);
    circuit.succeed(late);
    circuit.abandon(late);
    expect(circuit.state).toEqual(before);
  });
});

describe('closed again', () => {
  it('starts without failures, and those of calls admitted before it opened do not count', () => {
    const circuit = new Circuit();
    const late = Array.from({ length: 5 }, () => circuit.enter());
    for (let failure = 0; failure < 5; failure += 1) circuit.fail();
    circuit.now += 60_000;
    circuit.succeed();
    circuit.succeed();
    for (const ticket of late) circuit.fail(ticket);
    expect(circuit.state).toMatchObject({ kind: 'CLOSED', failures: [] });
  });

  it('is reached from any state by a reset, after which earlier results are late', () => {
    const circuit = halfOpen();
    const trial = circuit.enter();
    circuit.set(reset(circuit.state));
    circuit.fail(trial);
    expect(circuit.state).toMatchObject({ kind: 'CLOSED', failures: [] });
  });
});

describe('a circuit that follows what others have found', () => {
  const seen = (state: 'CLOSED' | 'OPEN' | 'HALF_OPEN', retryAfterMs = 0) => ({ state, retryAfterMs });

  it('opens for as long as theirs is, and takes what was sent before for late', () => {
    const circuit = new Circuit();
    const late = circuit.enter();
    circuit.set(follow(circuit.state, seen('OPEN', 20_000), circuit.now));
    circuit.succeed(late);
    expect(circuit.kind).toBe('OPEN');
    circuit.now += 19_999;
    expect(circuit.ask()).toMatchObject({ decision: 'refuse', retryAfterMs: 1 });
    circuit.now += 1;
    expect(circuit.ask().decision).toBe('trial');
  });

  it('closes when theirs has closed', () => {
    const circuit = opened();
    circuit.set(follow(circuit.state, seen('CLOSED'), circuit.now));
    expect(circuit.ask().decision).toBe('allow');
  });

  it('keeps its own failures while both are closed, and its own trial while both are half-open', () => {
    const closed = new Circuit();
    for (let failure = 1; failure < CONFIG.failureThreshold; failure += 1) closed.fail();
    closed.set(follow(closed.state, seen('CLOSED'), closed.now));
    closed.fail();
    expect(closed.kind).toBe('OPEN');

    const halfOpen = opened();
    halfOpen.now += CONFIG.timeoutMs;
    const trial = halfOpen.enter();
    halfOpen.set(follow(halfOpen.state, seen('HALF_OPEN', 1_000), halfOpen.now));
    halfOpen.succeed(trial);
    halfOpen.succeed();
    expect(halfOpen.kind).toBe('CLOSED');
  });

  it('lets a trial be asked for when theirs is half-open', () => {
    const circuit = opened();
    circuit.set(follow(circuit.state, seen('HALF_OPEN'), circuit.now));
    expect([circuit.kind, circuit.ask().decision]).toEqual(['HALF_OPEN', 'trial']);
  });
});
