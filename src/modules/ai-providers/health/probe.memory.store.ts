import type { Clock } from '../interfaces/clock.interface.js';
import type { ProbeResult } from '../interfaces/monitoring/provider-probe.interface.js';
import {
  PROBE_LEASE_MS,
  PROBE_RESULT_MS,
  type ProbedProvider,
  type ProbeStore,
  type ProbeTurn,
  type ProbeWish,
} from './probe-store.interface.js';

interface Entry {
  revision: bigint;
  known: { result: ProbeResult; until: number } | null;
  claimed: { claim: string; until: number } | null;
}

/** What this process's probes have found. */
export class MemoryProbeStore implements ProbeStore {
  private readonly entries = new Map<string, Entry>();
  private claims = 0;

  constructor(private readonly clock: Clock) {}

  take(provider: ProbedProvider, wish: ProbeWish): ProbeTurn {
    const now = this.clock.monotonic();
    const entry = this.entryOf(provider);
    const freshMs = (entry.known?.until ?? 0) - now;
    if (wish !== 'refresh' && entry.known && freshMs > 0)
      return { kind: 'known', result: entry.known.result, freshMs };
    if (wish === 'look' || (entry.claimed?.until ?? 0) > now) return { kind: 'none' };
    const claim = String((this.claims += 1));
    entry.known = null;
    entry.claimed = { claim, until: now + PROBE_LEASE_MS };
    return { kind: 'leave', claim };
  }

  keep(provider: ProbedProvider, claim: string, result: ProbeResult | null): void {
    const { claimed } = this.entryOf(provider);
    if (claimed?.claim !== claim || claimed.until <= this.clock.monotonic()) return;
    if (result) this.learn(provider, result, PROBE_RESULT_MS);
    else this.entryOf(provider).claimed = null;
  }

  /** Takes over a result for the time it is fresh yet. */
  learn({ id, revision }: ProbedProvider, result: ProbeResult, freshMs: number): void {
    const known = { result, until: this.clock.monotonic() + freshMs };
    this.entries.set(id, { revision, known, claimed: null });
  }

  private entryOf({ id, revision }: ProbedProvider): Entry {
    const found = this.entries.get(id);
    if (found?.revision === revision) return found;
    const entry: Entry = { revision, known: null, claimed: null };
    this.entries.set(id, entry);
    return entry;
  }
}
