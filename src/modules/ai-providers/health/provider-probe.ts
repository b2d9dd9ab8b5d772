import { ProviderError } from '../errors/provider.error.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { Clock } from '../interfaces/clock.interface.js';
import type { LastOutcomes, ProbeResult } from '../interfaces/monitoring/provider-probe.interface.js';
import type { AdapterSource } from '../interfaces/ai-adapter.interface.js';
import { PROBE_LEASE_MS, PROBE_TIMEOUT_MS, type ProbeStore } from './probe-store.interface.js';
import { MemoryProbeStore } from './probe.memory.store.js';
import { latestOutcomes, NO_OUTCOMES } from '../resilience/last-outcomes.js';

/** Between two looks whether another replica has its result. */
const LOOK_EVERY_MS = 100;
/** Leave of a replica that died runs out before, and is had at the next look. */
const WAIT_MS = PROBE_LEASE_MS + 2 * LOOK_EVERY_MS;

interface UnderWay {
  revision: bigint;
  result: Promise<ProbeResult>;
  how: Finding;
}

interface Finding {
  /** Whether the result is of a probe made since, not of one before. */
  isNew: boolean;
}

/** Asks providers whether they serve: one probe at a time for each, its result shared by all who ask meanwhile. */
export class ProviderProbe {
  private readonly underWay = new Map<string, UnderWay>();
  private readonly last = new Map<string, LastOutcomes>();
  private readonly own: MemoryProbeStore;

  /** @param shared what all replicas know, where they share anything; while it is away this one goes on by itself */
  constructor(
    private readonly adapters: AdapterSource,
    private readonly clock: Clock,
    private readonly shared: ProbeStore | null,
  ) {
    this.own = new MemoryProbeStore(clock);
  }

  /** The provider's health; probes if it is not known for its present configuration, or older than 15 s, or on `refresh`. */
  result(provider: AIProviderConfig, refresh: boolean): Promise<ProbeResult> {
    const { id, revision } = provider;
    const ahead = this.underWay.get(id);
    if (ahead?.revision === revision) {
      if (!refresh) return ahead.result;
      return ahead.result.then((result) => (ahead.how.isNew ? result : this.result(provider, true)));
    }
    const how: Finding = { isNew: false };
    const result = this.find(provider, refresh, how).finally(() => {
      if (this.underWay.get(id)?.how === how) this.underWay.delete(id);
    });
    this.underWay.set(id, { revision, result, how });
    return result;
  }

  private async find(provider: AIProviderConfig, refresh: boolean, how: Finding): Promise<ProbeResult> {
    const own = this.own.take(provider, refresh ? 'refresh' : 'poll');
    // That this replica cannot read a key says nothing about the others.
    const shared = provider.keyReadable ? this.shared : null;
    const patienceEndsAt = this.clock.monotonic() + WAIT_MS;
    let turn = await shared?.take(provider, refresh ? 'refresh' : own.kind === 'known' ? 'look' : 'poll');
    while (turn?.kind === 'none' && own.kind !== 'known' && this.clock.monotonic() < patienceEndsAt) {
      how.isNew = true;
      await this.pause();
      turn = await shared?.take(provider, 'poll');
    }
    if (turn?.kind === 'known') {
      const result = this.withLast(provider.id, turn.result);
      this.own.learn(provider, result, turn.freshMs);
      return result;
    }
    if (own.kind === 'known') return own.result;
    how.isNew = true;
    let result: ProbeResult | null = null;
    try {
      result = await this.probe(provider);
      return result;
    } finally {
      // What went wrong on our own side is no finding to keep.
      if (own.kind === 'leave') this.own.keep(provider, own.claim, result);
      if (turn?.kind === 'leave') await shared?.keep(provider, turn.claim, result);
    }
  }

  private pause(): Promise<void> {
    return new Promise((resolve) => this.clock.schedule(LOOK_EVERY_MS, resolve));
  }

  private withLast(providerId: string, result: ProbeResult): ProbeResult {
    const last = latestOutcomes(this.last.get(providerId) ?? NO_OUTCOMES, result.last);
    this.last.set(providerId, last);
    return { ...result, last };
  }

  private async probe(provider: AIProviderConfig): Promise<ProbeResult> {
    const startedAt = this.clock.monotonic();
    const failure = await this.ask(provider);
    const latency = this.clock.monotonic() - startedAt;
    const checkedAt = this.clock.wallTime();
    return this.withLast(provider.id, {
      healthy: failure === null,
      latency,
      checkedAt,
      last: {
        successAt: failure === null ? checkedAt : null,
        failure: failure === null ? null : { at: checkedAt, message: failure },
      },
    });
  }

  /** Why the provider would not serve; null if it would. */
  private async ask(provider: AIProviderConfig): Promise<string | null> {
    if (!provider.keyReadable)
      return 'The key cannot be had: it cannot be decrypted with the configured encryption keys, or its variable is not set';
    const controller = new AbortController();
    const cancel = this.clock.schedule(PROBE_TIMEOUT_MS, () => controller.abort());
    try {
      await this.adapters.adapterFor(provider).probe(controller.signal);
      return null;
    } catch (error) {
      if (controller.signal.aborted) return `The provider did not answer within ${PROBE_TIMEOUT_MS} ms`;
      if (error instanceof ProviderError) return error.message;
      throw error;
    } finally {
      cancel();
    }
  }
}
