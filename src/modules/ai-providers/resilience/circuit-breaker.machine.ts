import type { CircuitState } from '../interfaces/ai-provider.interface.js';

/** When a circuit opens and closes. */
export interface BreakerSettings {
  /** Failures inside the monitoring period that open it. */
  failureThreshold: number;
  /** Successful trials in a row that close it. */
  successThreshold: number;
  /** Milliseconds from opening to half-open. */
  timeoutMs: number;
  /** Milliseconds for which a failure is remembered. */
  monitoringPeriodMs: number;
}

/** The same for one provider. */
export interface BreakerConfig extends BreakerSettings {
  /** Milliseconds after which a trial without a reported end is taken for lost; longer than a try can take. */
  trialLeaseMs: number;
}

/**
 * A circuit as a plain JSON-able value. `epoch` grows with every change of kind, so that the result of a call admitted before
 * one is recognised as late. Times are milliseconds by the clock of the store that keeps it: monotonic in memory, Redis's own.
 */
export type BreakerState =
  | { readonly kind: 'CLOSED'; readonly epoch: number; readonly failures: readonly number[] }
  | { readonly kind: 'OPEN'; readonly epoch: number; readonly since: number; readonly until: number }
  | {
      readonly kind: 'HALF_OPEN';
      readonly epoch: number;
      readonly successes: number;
      readonly trial: BreakerTrial | null;
    };

/** A circuit to look at. `retryAfterMs` is 0 where a call would be admitted. */
export interface CircuitView {
  state: CircuitState;
  retryAfterMs: number;
}

/** The one call that a half-open circuit has let through. */
export interface BreakerTrial {
  readonly id: string;
  readonly expiresAt: number;
}

/** What an admitted call shows with its result. */
export interface BreakerTicket {
  readonly epoch: number;
  /** Null for a call through a closed circuit. */
  readonly trialId: string | null;
}

export type Admission =
  | { state: BreakerState; decision: 'allow' | 'trial'; ticket: BreakerTicket }
  | { state: BreakerState; decision: 'refuse'; retryAfterMs: number };

/** When those that a running trial keeps waiting ask again: its end is unknown, so soon, but never after its lease. */
const ASK_AGAIN_DURING_TRIAL_MS = 1_000;

export const INITIAL_BREAKER_STATE: BreakerState = { kind: 'CLOSED', epoch: 0, failures: [] };

/**
 * Asks to send one call. `allow` and `trial` come with a ticket, to be given back by exactly one of `onSuccess`,
 * `onFailure` and `onAbandoned`.
 * @param trialId becomes the trial's id if this call is one; unique among all replicas
 */
export function admit(state: BreakerState, now: number, config: BreakerConfig, trialId: string): Admission {
  const waitMs = timeToAdmission(state, now);
  if (waitMs > 0) return { state, decision: 'refuse', retryAfterMs: waitMs };
  if (state.kind === 'CLOSED')
    return { state, decision: 'allow', ticket: { epoch: state.epoch, trialId: null } };
  const epoch = state.kind === 'OPEN' ? state.epoch + 1 : state.epoch;
  const successes = state.kind === 'OPEN' ? 0 : state.successes;
  const trial = { id: trialId, expiresAt: now + config.trialLeaseMs };
  return {
    state: { kind: 'HALF_OPEN', epoch, successes, trial },
    decision: 'trial',
    ticket: { epoch, trialId },
  };
}

/** A call succeeded. While closed this forgives nothing: failures leave with their time. */
export function onSuccess(state: BreakerState, ticket: BreakerTicket, config: BreakerConfig): BreakerState {
  if (state.kind !== 'HALF_OPEN' || !isTrialOf(state, ticket)) return state;
  const successes = state.successes + 1;
  return successes >= config.successThreshold ? reset(state) : { ...state, successes, trial: null };
}

/** A call failed by a fault that counts for the breaker. */
export function onFailure(
  state: BreakerState,
  ticket: BreakerTicket,
  now: number,
  config: BreakerConfig,
): BreakerState {
  if (state.kind === 'HALF_OPEN') return isTrialOf(state, ticket) ? open(state, now, config) : state;
  if (state.kind === 'OPEN' || ticket.epoch !== state.epoch) return state;
  const remembered = state.failures.filter((at) => at > now - config.monitoringPeriodMs);
  const failures = [...remembered, now];
  return failures.length >= config.failureThreshold ? open(state, now, config) : { ...state, failures };
}

/**
 * A call ended without a decision: never sent, aborted by its caller, or failed by a fault that does not count. The place
 * of a trial is free again; earlier successes stand.
 */
export function onAbandoned(state: BreakerState, ticket: BreakerTicket): BreakerState {
  return state.kind === 'HALF_OPEN' && isTrialOf(state, ticket) ? { ...state, trial: null } : state;
}

/** Closes the circuit and forgets every failure; results of calls admitted before are late from now on. */
export function reset(state: BreakerState): BreakerState {
  return { kind: 'CLOSED', epoch: state.epoch + 1, failures: [] };
}

/**
 * The circuit as it was seen by those whose word counts more. What is in flight here counts as late where they found
 * another state; where they found the same, what is known here stands.
 */
export function follow(state: BreakerState, seen: CircuitView, now: number): BreakerState {
  switch (seen.state) {
    case 'CLOSED':
      return state.kind === 'CLOSED' ? state : reset(state);
    case 'OPEN':
      return openUntil(state, now, now + seen.retryAfterMs);
    case 'HALF_OPEN':
      return view(state, now).state === 'HALF_OPEN' ? state : openUntil(state, now, now);
  }
}

/** A circuit to look at, without taking a trial. */
export function view(state: BreakerState, now: number): CircuitView {
  const retryAfterMs = timeToAdmission(state, now);
  return { state: state.kind === 'OPEN' && retryAfterMs === 0 ? 'HALF_OPEN' : state.kind, retryAfterMs };
}

function open(from: BreakerState, now: number, config: BreakerConfig): BreakerState {
  return { kind: 'OPEN', epoch: from.epoch + 1, since: now, until: now + config.timeoutMs };
}

function openUntil(state: BreakerState, now: number, until: number): BreakerState {
  return state.kind === 'OPEN'
    ? { ...state, until }
    : { kind: 'OPEN', epoch: state.epoch + 1, since: now, until };
}

function isTrialOf(state: BreakerState & { kind: 'HALF_OPEN' }, ticket: BreakerTicket): boolean {
  return state.trial !== null && state.trial.id === ticket.trialId && state.epoch === ticket.epoch;
}

function timeToAdmission(state: BreakerState, now: number): number {
  switch (state.kind) {
    case 'CLOSED':
      return 0;
    case 'OPEN':
      return Math.max(0, state.until - now);
    case 'HALF_OPEN':
      return Math.min(ASK_AGAIN_DURING_TRIAL_MS, Math.max(0, (state.trial?.expiresAt ?? now) - now));
  }
}
