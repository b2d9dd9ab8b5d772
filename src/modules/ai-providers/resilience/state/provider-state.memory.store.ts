import type { CircuitState } from '../../interfaces/ai-provider.interface.js';
import type { Refusal } from '../../interfaces/attempt.interface.js';
import type { Clock } from '../../interfaces/clock.interface.js';
import {
  admit,
  follow,
  INITIAL_BREAKER_STATE,
  onAbandoned,
  onFailure,
  onSuccess,
  reset,
  view,
  type BreakerConfig,
  type BreakerSettings,
  type BreakerState,
  type BreakerTicket,
  type CircuitView,
} from '../circuit-breaker.machine.js';
import {
  MAX_COOLDOWN_MS,
  type BoundedProvider,
  type Permit,
  type PermitEnding,
  type ProviderAdmission,
  type ProviderCondition,
  type ProviderStanding,
  type ProviderStateStore,
} from './provider-state.interface.js';
import {
  EMPTY_RATE_WINDOW,
  release,
  reserve,
  settle,
  timeUntilRoom,
  type RateReservation,
  type RateWindow,
} from '../rate-limit.window.js';
import { SlotPool, type ReleaseSlot } from '../slot-pool.js';

/** A trial outlives the longest attempt by this much before it counts as lost, in milliseconds. */
const TRIAL_LEASE_MARGIN_MS = 5_000;

/** A circuit that has changed. */
export interface CircuitChange {
  providerId: string;
  from: CircuitState;
  to: CircuitState;
  /** Milliseconds until it lets a trial through; 0 where it lets requests through now. */
  retryAfterMs: number;
}

/** Called with each change of a circuit; it must not throw. */
export type CircuitListener = (change: CircuitChange) => void;

/** The slot itself knows whether it is still held: no map of held permits is needed. */
class MemoryPermit implements Permit {
  constructor(
    readonly id: string,
    readonly provider: BoundedProvider,
    readonly reservation: RateReservation | null,
    readonly ticket: BreakerTicket,
    readonly release: ReleaseSlot,
    readonly resetAt: number,
  ) {}
}

/** The state of all providers as this process alone knows it. */
export class MemoryProviderStateStore implements ProviderStateStore {
  private readonly slots = new SlotPool();
  private readonly cooldownsUntil = new Map<string, number>();
  private readonly resets = new Map<string, { at: number; generation: number }>();
  private readonly windows = new Map<string, RateWindow>();
  private readonly circuits = new Map<string, BreakerState>();
  private readonly listeners: CircuitListener[] = [];
  private permits = 0;

  constructor(
    private readonly settings: BreakerSettings,
    private readonly clock: Clock,
  ) {}

  /** Calls `listener` with each change of a circuit from now on. */
  onCircuitChange(listener: CircuitListener): void {
    this.listeners.push(listener);
  }

  /** How a provider stands with its vendor and with us, as answers show it; the time is ISO 8601. */
  standingOf(providerId: string): { circuitState: CircuitState; cooldownUntil: string | null } {
    const cooldownMs = this.cooldownMs(providerId);
    return {
      circuitState: this.circuit(providerId).state,
      cooldownUntil: cooldownMs > 0 ? new Date(this.clock.wallTime() + cooldownMs).toISOString() : null,
    };
  }

  /** Requests in flight at one provider. */
  inFlight(providerId: string): number {
    return this.slots.inFlight(providerId);
  }

  circuit(providerId: string): CircuitView {
    return view(this.state(providerId), this.clock.monotonic());
  }

  /** For how long the vendor has asked to be left alone, in milliseconds; 0: it has not. */
  cooldownMs(providerId: string): number {
    return Math.max(0, (this.cooldownsUntil.get(providerId) ?? 0) - this.clock.monotonic());
  }

  /** Why a try of so many tokens would be refused. */
  refusal({ id, maxConcurrency, rateLimit }: BoundedProvider, tokens: number): Refusal | null {
    const now = this.clock.monotonic();
    if (!this.slots.hasRoom(id, maxConcurrency)) return { reason: 'at_capacity' };
    const cooldownMs = this.cooldownMs(id);
    if (cooldownMs > 0) return { reason: 'cooldown', retryAfterMs: cooldownMs };
    const waitMs = rateLimit === null ? 0 : timeUntilRoom(this.window(id), now, rateLimit, tokens);
    if (waitMs > 0) return { reason: 'rate_limited', retryAfterMs: waitMs };
    const { retryAfterMs } = view(this.state(id), now);
    return retryAfterMs > 0 ? { reason: 'circuit_open', retryAfterMs } : null;
  }

  look(providers: readonly BoundedProvider[]): ProviderStanding[] {
    return providers.map((provider) => ({
      refusal: this.refusal(provider, 1),
      ...this.condition(provider.id),
    }));
  }

  admit(provider: BoundedProvider, tokens: number): ProviderAdmission {
    const { id, maxConcurrency } = provider;
    const refusal = this.refusal(provider, tokens);
    const release = refusal === null ? this.slots.tryTake(id, maxConcurrency) : null;
    if (release === null) return { refusal, permit: null, ...this.condition(id) };
    const permitId = `permit-${++this.permits}`;
    const admission = admit(this.state(id), this.clock.monotonic(), this.configOf(provider), permitId);
    this.put(id, admission.state);
    if (admission.decision === 'refuse') throw new Error('A circuit that was not in the way refused');
    const reservation = this.reserve(provider, tokens);
    const found = this.condition(id);
    const { ticket } = admission;
    const permit = new MemoryPermit(permitId, provider, reservation, ticket, release, found.resetAt);
    return { refusal: null, permit, ...found };
  }

  settle(permit: Permit, ending: PermitEnding): ProviderCondition {
    const { id } = permit.provider;
    if (!(permit instanceof MemoryPermit) || !permit.release()) return this.condition(id);
    if (permit.reservation) this.account(id, permit.reservation, ending);
    const isLate = permit.resetAt !== (this.resets.get(id)?.at ?? 0);
    if (ending.sent && ending.cooldownMs !== undefined && !isLate) this.cool(id, ending.cooldownMs);
    this.put(id, this.judge(permit, ending));
    return this.condition(id);
  }

  reset(providerId: string, generation = 0): ProviderCondition {
    const last = this.resets.get(providerId) ?? { at: 0, generation: 0 };
    if (generation === 0 || generation > last.generation) {
      const at = Math.max(this.clock.monotonic(), last.at + 1);
      this.resets.set(providerId, { at, generation: Math.max(generation, last.generation) });
      this.cooldownsUntil.delete(providerId);
      this.put(providerId, reset(this.state(providerId)));
    }
    return this.condition(providerId);
  }

  /** Leaves the provider alone for so many milliseconds; a longer cooldown stands. */
  cool(providerId: string, forMs: number): void {
    const until = this.clock.monotonic() + Math.min(forMs, MAX_COOLDOWN_MS);
    this.cooldownsUntil.set(providerId, Math.max(until, this.cooldownsUntil.get(providerId) ?? 0));
  }

  /** Takes over how others, whose word counts more, have found the circuit. */
  follow(providerId: string, seen: CircuitView): void {
    this.put(providerId, follow(this.state(providerId), seen, this.clock.monotonic()));
  }

  private condition(providerId: string): ProviderCondition {
    return {
      circuit: this.circuit(providerId),
      cooldownMs: this.cooldownMs(providerId),
      resetAt: this.resets.get(providerId)?.at ?? 0,
    };
  }

  private judge({ provider, ticket }: Permit, ending: PermitEnding): BreakerState {
    const state = this.state(provider.id);
    const config = this.configOf(provider);
    switch (ending.sent ? ending.outcome : 'neutral') {
      case 'success':
        return onSuccess(state, ticket, config);
      case 'failure':
        return onFailure(state, ticket, this.clock.monotonic(), config);
      case 'neutral':
        return onAbandoned(state, ticket);
    }
  }

  private reserve({ id, rateLimit }: BoundedProvider, tokens: number): RateReservation | null {
    if (rateLimit === null) return null;
    const decision = reserve(this.window(id), this.clock.monotonic(), rateLimit, tokens);
    if (!decision.granted) throw new Error('A limit that was not in the way refused');
    this.windows.set(id, decision.state);
    return decision.reservation;
  }

  private account(id: string, reservation: RateReservation, ending: PermitEnding): void {
    const window = this.window(id);
    if (!ending.sent) this.windows.set(id, release(window, reservation));
    else if (ending.tokens !== null) this.windows.set(id, settle(window, reservation, ending.tokens));
  }

  private configOf({ timeout }: BoundedProvider): BreakerConfig {
    const { failureThreshold, successThreshold, timeoutMs, monitoringPeriodMs } = this.settings;
    const trialLeaseMs = timeout + TRIAL_LEASE_MARGIN_MS;
    return { failureThreshold, successThreshold, timeoutMs, monitoringPeriodMs, trialLeaseMs };
  }

  private window(id: string): RateWindow {
    return this.windows.get(id) ?? EMPTY_RATE_WINDOW;
  }

  private state(id: string): BreakerState {
    return this.circuits.get(id) ?? INITIAL_BREAKER_STATE;
  }

  private put(id: string, state: BreakerState): void {
    const before = this.state(id);
    if (before === state) return;
    this.circuits.set(id, state);
    if (before.kind === state.kind) return;
    const { retryAfterMs } = view(state, this.clock.monotonic());
    const change = { providerId: id, from: before.kind, to: state.kind, retryAfterMs };
    for (const listener of this.listeners) listener(change);
  }
}
