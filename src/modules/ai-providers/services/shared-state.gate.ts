import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { Refusal } from '../interfaces/attempt.interface.js';
import { CLOCK, type Clock } from '../interfaces/clock.interface.js';
import type { AttemptScope } from '../pipeline/attempt-scope.js';
import { estimateTokens } from '../pipeline/estimate-tokens.js';
import { settlePermit } from '../pipeline/permit-ending.js';
import type { SharedGate } from '../pipeline/ports.js';
import type { CircuitView } from '../resilience/circuit-breaker.machine.js';
import type { Permit, PermitEnding, ProviderStateStore } from '../resilience/provider-state.interface.js';
import { MemoryProviderStateStore } from '../stores/provider-state.memory.store.js';
import { AIProviderRegistryService } from './ai-provider-registry.service.js';

/** A store that all replicas share and that may be away. */
export type SharedProviderStateStore = ProviderStateStore & { readonly isAvailable: boolean };

/** Token under which Nest injects the `SharedProviderStateStore`, or null where replicas share nothing. */
export const SHARED_STATE = Symbol('SharedState');

/** Between two looks at what others have done to the providers' circuits and limits. */
const LOOK_EVERY_MS = 500;
/** A slot that another replica gives back is not told of: so soon it is asked for again. */
const ASK_FOR_SLOT_EVERY_MS = 100;

/**
 * Keeps each provider's bounds over all replicas. It is asked once this replica's own gate lets a try through, and what
 * it says of a circuit holds here too, so that this replica can go on by itself when the others cannot be asked.
 */
@Injectable()
export class SharedStateGate implements SharedGate, OnApplicationBootstrap, OnApplicationShutdown {
  private readonly refused = new Map<string, { refusal: Refusal; until: number }>();
  private cancelLook: (() => void) | null = null;

  constructor(
    @Inject(SHARED_STATE) private readonly shared: SharedProviderStateStore | null,
    private readonly local: MemoryProviderStateStore,
    private readonly registry: AIProviderRegistryService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

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

  enter({ provider }: AttemptScope): Refusal | null {
    return this.peek(provider);
  }

  admit(scope: AttemptScope): Promise<Refusal | null> | null {
    return this.shared?.isAvailable ? this.ask(this.shared, scope) : null;
  }

  async refresh(providers: readonly AIProviderConfig[]): Promise<void> {
    const found = this.shared?.isAvailable ? await this.shared.look(providers) : undefined;
    found?.forEach(({ refusal, circuit }, index) => {
      const provider = providers[index];
      if (provider) this.learn(provider.id, refusal, circuit);
    });
  }

  /** Closes a circuit by hand, for all replicas where they can be told. */
  async reset(providerId: string): Promise<void> {
    this.local.reset(providerId);
    await this.shared?.reset(providerId);
    this.refused.delete(providerId);
  }

  private async ask(shared: ProviderStateStore, scope: AttemptScope): Promise<Refusal | null> {
    const { provider } = scope;
    const admission = await shared.admit(provider, estimateTokens(scope.call));
    if (admission === undefined) return null;
    const { refusal, circuit, permit } = admission;
    this.learn(provider.id, refusal, circuit);
    if (permit === null) return refusal;
    scope.onSettled((ending) => {
      scope.told = settlePermit(scope, ending, (told) => this.settle(shared, permit, told));
    });
    return null;
  }

  private async settle(shared: ProviderStateStore, permit: Permit, ending: PermitEnding): Promise<void> {
    const circuit = await shared.settle(permit, ending);
    if (circuit) this.local.follow(permit.provider.id, circuit);
  }

  private learn(id: string, refusal: Refusal | null, circuit: CircuitView): void {
    this.local.follow(id, circuit);
    if (refusal === null) this.refused.delete(id);
    else {
      const waitMs = refusal.retryAfterMs ?? ASK_FOR_SLOT_EVERY_MS;
      this.refused.set(id, { refusal, until: this.clock.monotonic() + waitMs });
    }
  }

  private async lookAround(): Promise<void> {
    await this.refresh(this.registry.list({ isActive: true }));
    if (this.cancelLook) this.cancelLook = this.clock.schedule(LOOK_EVERY_MS, () => void this.lookAround());
  }
}
