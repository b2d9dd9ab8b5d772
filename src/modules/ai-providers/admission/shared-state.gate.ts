import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { Refusal } from '../interfaces/attempt.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { AdmittedAttempt } from './admission.ports.js';
import { settlePermit } from './permit-ending.js';
import type { SharedGate } from './admission.ports.js';
import type {
  Permit,
  PermitEnding,
  ProviderCondition,
  ProviderStanding,
  ProviderStateStore,
} from '../resilience/state/provider-state.interface.js';
import { MemoryProviderStateStore } from '../resilience/state/provider-state.memory.store.js';
import { SHARED_STATE, type SharedProviderStateStore } from '../resilience/state/shared-state.provider.js';
import { REQUEST_QUEUE, type RequestQueue } from './request-queue.provider.js';
import { isReachedAlike, type ProviderChange, ProviderDirectory } from '../registry/provider-directory.js';

/** Between two looks at what others have done to the providers' circuits and limits. */
const LOOK_EVERY_MS = 500;
/** No message says that another replica gave a slot back, so it is asked for again after this long. */
const ASK_FOR_SLOT_EVERY_MS = 100;

/**
 * Keeps each provider's bounds over all replicas. It is asked once this replica's own gate lets a try through, and what
 * it says of a circuit holds here too, so that this replica can go on by itself when the others cannot be asked.
 */
@Injectable()
export class SharedStateGate implements SharedGate, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly refused = new Map<string, { refusal: Refusal; until: number }>();
  private cancelLook: (() => void) | null = null;
  /** The last reset of each provider, by the shared store's time, that is in force here. */
  private readonly resetsSeen = new Map<string, number>();
  /** Resets that are not in the shared store yet, with the generation that asked for each. */
  private readonly unpublished = new Map<string, number>();

  constructor(
    @Inject(SHARED_STATE) private readonly shared: SharedProviderStateStore | null,
    private readonly local: MemoryProviderStateStore,
    private readonly directory: ProviderDirectory,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(REQUEST_QUEUE) private readonly queue: RequestQueue,
  ) {
    directory.onChange((change) => this.follow(change));
  }

  onApplicationBootstrap(): void {
    if (this.shared) this.cancelLook = this.clock.schedule(LOOK_EVERY_MS, () => void this.lookAround());
  }

  onApplicationShutdown(): void {
    this.cancelLook?.();
    this.cancelLook = null;
  }

  peek({ id }: Pick<AIProviderConfig, 'id'>): Refusal | null {
    const known = this.refused.get(id);
    if (known === undefined) return null;
    const left = known.until - this.clock.monotonic();
    if (left > 0) return { ...known.refusal, retryAfterMs: left };
    this.refused.delete(id);
    return null;
  }

  enter({ provider }: AdmittedAttempt): Refusal | null {
    return this.peek(provider);
  }

  admit(scope: AdmittedAttempt): Promise<Refusal | null> | null {
    return this.shared?.isAvailable ? this.ask(this.shared, scope) : null;
  }

  async refresh(providers: readonly AIProviderConfig[]): Promise<void> {
    const found = this.shared?.isAvailable ? await this.shared.look(providers) : undefined;
    found?.forEach((standing, index) => {
      const provider = providers[index];
      if (provider) this.learn(provider.id, standing);
    });
  }

  /**
   * Closes a circuit and ends the cooldown: here at once, for all replicas as soon as the shared store can be reached.
   * Never rejects.
   * @param generation the revision of a configuration that asks for it; 0: an operator
   */
  async reset(providerId: string, generation = 0): Promise<void> {
    this.resetHere(providerId);
    if (this.shared === null) return;
    this.unpublished.set(providerId, Math.max(generation, this.unpublished.get(providerId) ?? 0));
    await this.publishReset(this.shared, providerId);
  }

  /** What a provider was refused for, by the vendor or by us, says nothing of it at another address or by another key. */
  private follow({ id, before, after }: ProviderChange): Promise<void> | undefined {
    if (after === undefined) {
      this.refused.delete(id);
      this.resetsSeen.delete(id);
      this.unpublished.delete(id);
      return undefined;
    }
    if (before === undefined || isReachedAlike(before, after)) return undefined;
    return this.reset(id, Number(after.revision));
  }

  private async publishReset(shared: ProviderStateStore, providerId: string): Promise<void> {
    const generation = this.unpublished.get(providerId);
    if (generation === undefined) return;
    const found = await shared.reset(providerId, generation);
    if (found === undefined) return;
    if (this.unpublished.get(providerId) === generation) this.unpublished.delete(providerId);
    this.learn(providerId, { ...found, refusal: null });
  }

  private async ask(shared: ProviderStateStore, scope: AdmittedAttempt): Promise<Refusal | null> {
    const { provider } = scope;
    if (this.unpublished.has(provider.id)) await this.publishReset(shared, provider.id);
    const admission = await shared.admit(provider, scope.tokensToReserve);
    if (admission === undefined) return null;
    const { refusal, permit } = admission;
    this.learn(provider.id, admission);
    if (permit === null) return refusal;
    scope.onSettled((ending) => {
      scope.replicasInformed = settlePermit(scope, ending, (permitEnding) =>
        this.settle(shared, permit, permitEnding),
      );
    });
    return null;
  }

  private async settle(shared: ProviderStateStore, permit: Permit, ending: PermitEnding): Promise<void> {
    const found = await shared.settle(permit, ending);
    if (found) this.take(permit.provider.id, found);
  }

  /** Resets this replica's own state, and wakes the requests that wait for the provider. */
  private resetHere(providerId: string): void {
    this.local.reset(providerId);
    this.refused.delete(providerId);
    this.queue.notify();
  }

  /** What others have found holds here too; what is known here from before a reset does not. */
  private take(id: string, { circuit, cooldownMs, resetAt }: ProviderCondition): void {
    if (resetAt > (this.resetsSeen.get(id) ?? 0)) {
      this.resetsSeen.set(id, resetAt);
      this.resetHere(id);
    }
    this.local.follow(id, circuit);
    if (cooldownMs > 0) this.local.cool(id, cooldownMs);
  }

  private learn(id: string, { refusal, ...found }: ProviderStanding): void {
    this.take(id, found);
    if (refusal === null) this.refused.delete(id);
    else {
      const waitMs = refusal.retryAfterMs ?? ASK_FOR_SLOT_EVERY_MS;
      this.refused.set(id, { refusal, until: this.clock.monotonic() + waitMs });
    }
  }

  private async lookAround(): Promise<void> {
    const { shared } = this;
    if (shared) for (const id of this.unpublished.keys()) await this.publishReset(shared, id);
    await this.refresh(this.directory.list({ isActive: true }));
    if (this.cancelLook) this.cancelLook = this.clock.schedule(LOOK_EVERY_MS, () => void this.lookAround());
  }
}
