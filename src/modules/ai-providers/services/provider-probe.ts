import { ProviderError } from '../errors/provider.error.js';
import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { Clock } from '../interfaces/clock.interface.js';
import type { AdapterSource } from '../pipeline/ports.js';
import { NO_OUTCOMES, type LastOutcomes } from './last-outcomes.js';

/** What the last probe of a provider found. Times are milliseconds since the epoch. */
export interface ProbeResult {
  healthy: boolean;
  latency: number;
  checkedAt: number;
  /** Of this probe and those before. */
  last: LastOutcomes;
}

interface Probed {
  revision: bigint;
  result: Promise<ProbeResult>;
  settled: ProbeResult | null;
}

/** For this long a result is shown to whoever asks, in milliseconds. */
const RESULT_AGE_MS = 15_000;

/** A vendor that does not answer a question without tokens within this time, in milliseconds, does not serve. */
const PROBE_TIMEOUT_MS = 5_000;

/** Asks providers whether they serve: one probe at a time for each, its result shared by all who ask meanwhile. */
export class ProviderProbe {
  private readonly probed = new Map<string, Probed>();

  constructor(
    private readonly adapters: AdapterSource,
    private readonly clock: Clock,
  ) {}

  /** The provider's health; probes if it is not known for its present configuration, or older than 15 s, or on `refresh`. */
  result(provider: AIProviderConfig, refresh: boolean): Promise<ProbeResult> {
    const known = this.probed.get(provider.id);
    if (
      known?.revision === provider.revision &&
      (known.settled === null || (!refresh && this.isFresh(known.settled)))
    ) {
      return known.result;
    }
    const entry: Probed = {
      revision: provider.revision,
      settled: null,
      result: this.probe(provider, known?.settled ?? null).then((result) => (entry.settled = result)),
    };
    this.probed.set(provider.id, entry);
    // What went wrong on our own side is no finding to keep.
    entry.result.catch(() => this.forget(provider.id, entry));
    return entry.result;
  }

  private forget(providerId: string, entry: Probed): void {
    if (this.probed.get(providerId) === entry) this.probed.delete(providerId);
  }

  private isFresh({ checkedAt }: ProbeResult): boolean {
    return this.clock.now() - checkedAt < RESULT_AGE_MS;
  }

  private async probe(provider: AIProviderConfig, before: ProbeResult | null): Promise<ProbeResult> {
    const startedAt = this.clock.now();
    const failure = await this.ask(provider);
    const checkedAt = this.clock.now();
    return {
      healthy: failure === null,
      latency: checkedAt - startedAt,
      checkedAt,
      last: {
        ...(before?.last ?? NO_OUTCOMES),
        ...(failure === null ? { successAt: checkedAt } : { failure: { at: checkedAt, message: failure } }),
      },
    };
  }

  /** Why the provider would not serve; null if it would. */
  private async ask(provider: AIProviderConfig): Promise<string | null> {
    if (!provider.keyReadable)
      return 'The stored key cannot be decrypted with the configured encryption keys';
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
