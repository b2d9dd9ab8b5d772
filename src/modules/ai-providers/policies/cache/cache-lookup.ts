import { sleep } from '../../resilience/abortable-sleep.js';
import type { RequestDeadline } from '../../resilience/request-deadline.js';
import type { StoredAnswer } from '../../interfaces/completion.interface.js';
import type { AnswerCacheOptions } from './answer-cache.ports.js';
import type { SingleFlight } from './single-flight.js';

/** Between two looks whether another replica has its answer. */
const LOOK_EVERY_MS = 50;

/**
 * The longest that other replicas wait for one that asks. Our number, the attempt's own bound where an operator says nothing: no
 * defect that keeps a request from ending may keep all that ask the same waiting.
 */
const LONGEST_CLAIM_MS = 600_000;

/** For so long a stream waits for another replica's answer, which it cannot receive in parts. */
const STREAM_WAIT_MS = 1_000;

/** An answer that was kept, or leave to ask for it; `release` lets other replicas ask, where there are any. */
export type CacheLookup = { answer: StoredAnswer } | { release: (() => void) | undefined };

/**
 * Looks for the answer to a request that leads `flight`, here and at other replicas, of which one at a time has leave to ask.
 * Whatever it returns, followers get an answer, or its failure, through `flight`.
 * @throws AIError when `deadline` ends while it waits
 */
export async function lookUp(
  key: string,
  { store, claims, clock }: AnswerCacheOptions,
  flight: SingleFlight,
  deadline: RequestDeadline,
  streamed: boolean,
): Promise<CacheLookup> {
  const claimEndsAt = clock.monotonic() + LONGEST_CLAIM_MS;
  const patienceEndsAt = streamed ? clock.monotonic() + STREAM_WAIT_MS : Infinity;
  let release: (() => void) | null = null;
  const found = (answer: StoredAnswer): CacheLookup => {
    flight.end({ answer });
    return { answer };
  };
  try {
    for (;;) {
      const answer = await store.read(key);
      if (answer !== undefined) return found(answer);
      if (!claims.isShared) return { release: undefined };
      release = await claims.claim(key, () => flight.isStalled() || clock.monotonic() >= claimEndsAt);
      if (release !== null) {
        // Another replica may have kept it, and taken its claim back, since it was looked for.
        const kept = await store.read(key);
        deadline.throwIfAborted();
        if (kept === undefined) return { release };
        release();
        return found(kept);
      }
      if (clock.monotonic() >= patienceEndsAt) return { release: undefined };
      await sleep(LOOK_EVERY_MS, deadline.signal, clock);
    }
  } catch (error) {
    release?.();
    flight.end('abandoned');
    throw error;
  }
}
