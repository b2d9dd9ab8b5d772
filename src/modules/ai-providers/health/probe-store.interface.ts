import type { AIProviderConfig } from '../interfaces/ai-provider.interface.js';
import type { ProbeResult } from '../interfaces/monitoring/provider-probe.interface.js';
import type { Awaitable } from '../resilience/state/provider-state.interface.js';

/** A vendor that does not answer a question without tokens within this time, in milliseconds, does not serve. */
export const PROBE_TIMEOUT_MS = 5_000;

/** For this long, in milliseconds, a result answers every request for the provider's health. */
export const PROBE_RESULT_MS = 15_000;

/** How long leave to probe holds of one who has died: any other is done by then. */
export const PROBE_LEASE_MS = PROBE_TIMEOUT_MS + 1_000;

/** A provider as it is configured now: of another revision nothing is known. */
export type ProbedProvider = Pick<AIProviderConfig, 'id' | 'revision'>;

/** `look` takes no leave; `poll` does where no result is kept; `refresh` forgets what is kept and does. */
export type ProbeWish = 'look' | 'poll' | 'refresh';

/** What is known, for how long yet; or leave to probe; or neither: somebody else has it. */
export type ProbeTurn =
  | { kind: 'known'; result: ProbeResult; freshMs: number }
  | { kind: 'leave'; claim: string }
  | { kind: 'none' };

/** What probes have found, and whose turn it is to probe. Each call is one step that no other comes between. */
export interface ProbeStore {
  /** Undefined: the store did not answer. Never rejects. */
  take(provider: ProbedProvider, wish: ProbeWish): Awaitable<ProbeTurn | undefined>;
  /** Gives leave back; of leave that ran out nothing is kept. Never rejects. @param result null: there is none */
  keep(provider: ProbedProvider, claim: string, result: ProbeResult | null): Awaitable<void>;
}
