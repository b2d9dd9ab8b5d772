import { randomUUID } from 'node:crypto';
import type { RedisLink } from '../../../../infra/redis/redis-link.js';
import type { SkipReason } from '../../interfaces/attempt.interface.js';
import type { CircuitState } from '../../interfaces/ai-provider.interface.js';
import type { Clock } from '../../interfaces/clock.interface.js';
import type { BreakerSettings } from '../circuit-breaker.machine.js';
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
import { PROVIDER_STATE_SCRIPT } from './provider-state.script.js';

/** After so long without a sign of its replica a permit is taken for lost: slot and trial are free again. */
export const LEASE_MS = 10_000;
const RENEW_EVERY_MS = 3_000;
/** Lua takes some 8,000 arguments at once. */
const RENEWED_AT_ONCE = 1_000;

/** What the script says of one provider: why a try is refused, for how long; the circuit, and for how long. */
type StandingReply = [
  reason: string,
  waitMs: number,
  kind: CircuitState,
  toAdmissionMs: number,
  cooldownMs: number,
  resetAt: number,
];
type AdmitReply = [...StandingReply, epoch: number, isTrial: number, second: number, tokens: number];

/** How one of these is set up; a test has a time and keys of its own. */
export interface RedisProviderStateOptions {
  link: Pick<RedisLink, 'run' | 'isAvailable'>;
  settings: BreakerSettings;
  clock: Clock;
  /** Milliseconds since the epoch; left out: Redis's own, so that replicas need not agree on the time. */
  now?: () => number;
  prefix?: string;
}

/** The state of all providers as all replicas know it, in Redis. */
export class RedisProviderStateStore implements ProviderStateStore {
  private readonly owner = `permit-${randomUUID()}`;
  private readonly prefix: string;
  /** Permits to be renewed, by provider. */
  private readonly held = new Map<string, Set<string>>();
  private permits = 0;
  private cancelRenewal: (() => void) | null = null;

  constructor(private readonly options: RedisProviderStateOptions) {
    this.prefix = options.prefix ?? 'ai-providers:provider:';
  }

  /** Whether it is worth asking. */
  get isAvailable(): boolean {
    return this.options.link.isAvailable;
  }

  async admit(provider: BoundedProvider, tokens: number): Promise<ProviderAdmission | undefined> {
    const id = `${this.owner}-${++this.permits}`;
    const reply = await this.run<AdmitReply>(
      'admit',
      [provider.id],
      [...boundsOf(provider), tokens, id, LEASE_MS],
    );
    if (reply === undefined) return undefined;
    const [reason, waitMs, kind, toAdmissionMs, cooldownMs, resetAt, epoch, isTrial, second, taken] = reply;
    const standing = standingOf([reason, waitMs, kind, toAdmissionMs, cooldownMs, resetAt]);
    if (standing.refusal) return { ...standing, permit: null };
    const permit: Permit = {
      id,
      provider,
      reservation: provider.rateLimit && { second, tokens: taken },
      ticket: { epoch, trialId: isTrial === 1 ? id : null },
      resetAt,
    };
    if (isTrial === 1 || provider.maxConcurrency !== null) this.hold(provider.id, id);
    return { ...standing, permit };
  }

  /** An end that changes nothing is not sent to Redis. */
  async settle(permit: Permit, ending: PermitEnding): Promise<ProviderCondition | undefined> {
    const { id, provider, reservation, ticket } = permit;
    const isHeld = this.held.get(provider.id)?.delete(id) ?? false;
    const isNews = ending.sent ? ending.outcome === 'failure' || ending.cooldownMs !== undefined : false;
    if (!isHeld && reservation === null && !isNews) return undefined;
    const { failureThreshold, successThreshold, timeoutMs, monitoringPeriodMs } = this.options.settings;
    const reply = await this.run<StandingReply>(
      'settle',
      [provider.id],
      [
        id,
        ticket.epoch,
        permit.resetAt,
        reservation?.second ?? -1,
        reservation?.tokens ?? 0,
        ending.sent ? 1 : 0,
        ending.sent ? (ending.tokens ?? -1) : 0,
        ending.sent ? ending.outcome : 'neutral',
        ending.sent ? Math.min(ending.cooldownMs ?? 0, MAX_COOLDOWN_MS) : 0,
        failureThreshold,
        successThreshold,
        timeoutMs,
        monitoringPeriodMs,
      ],
    );
    return reply && standingOf(reply);
  }

  async look(providers: readonly BoundedProvider[]): Promise<ProviderStanding[] | undefined> {
    if (providers.length === 0) return [];
    const ids = providers.map(({ id }) => id);
    const replies = await this.run<StandingReply[]>('look', ids, providers.flatMap(boundsOf));
    return replies?.map(standingOf);
  }

  async reset(providerId: string, generation = 0): Promise<ProviderCondition | undefined> {
    const reply = await this.run<StandingReply>('reset', [providerId], [generation]);
    return reply && standingOf(reply);
  }

  private hold(providerId: string, permitId: string): void {
    const permits = this.held.get(providerId);
    if (permits) permits.add(permitId);
    else this.held.set(providerId, new Set([permitId]));
    this.cancelRenewal ??= this.options.clock.schedule(RENEW_EVERY_MS, () => void this.renew());
  }

  private async renew(): Promise<void> {
    for (const [providerId, permits] of this.held) {
      const ids = [...permits];
      if (ids.length === 0) this.held.delete(providerId);
      for (let first = 0; first < ids.length; first += RENEWED_AT_ONCE)
        await this.run('renew', [providerId], [LEASE_MS, ...ids.slice(first, first + RENEWED_AT_ONCE)]);
    }
    this.cancelRenewal =
      this.held.size > 0 ? this.options.clock.schedule(RENEW_EVERY_MS, () => void this.renew()) : null;
  }

  private run<Reply>(
    what: string,
    providerIds: readonly string[],
    input: readonly (string | number)[],
  ): Promise<Reply | undefined> {
    const keys = providerIds.flatMap((id) => [`${this.prefix}{${id}}`, `${this.prefix}{${id}}:permits`]);
    const args = [what, this.options.now?.() ?? '', ...input].map(String);
    return this.options.link.run((client) => PROVIDER_STATE_SCRIPT.run(client, keys, args)) as Promise<
      Reply | undefined
    >;
  }
}

function boundsOf({ maxConcurrency, rateLimit }: BoundedProvider): number[] {
  return [maxConcurrency ?? -1, rateLimit?.requestsPerMinute ?? -1, rateLimit?.tokensPerMinute ?? -1];
}

function standingOf([
  reason,
  waitMs,
  state,
  retryAfterMs,
  cooldownMs,
  resetAt,
]: StandingReply): ProviderStanding {
  const refusal =
    reason === '' ? null : { reason: reason as SkipReason, ...(waitMs > 0 && { retryAfterMs: waitMs }) };
  return { refusal, circuit: { state, retryAfterMs }, cooldownMs, resetAt };
}
