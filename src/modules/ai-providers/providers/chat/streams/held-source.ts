import type { EndState } from '../answers/answer-ending.js';
import { drain } from '../../wire/body-drain.js';

/**
 * How long an answer that has ended, as far as its vendor said, waits for what may follow, in milliseconds of silence and
 * altogether since the last content. Our numbers; a terminator or the end of the stream ends each at once.
 * `usage_due`: OpenAI sends the usage in a chunk of its own. The two leave the vendor together, so this only ever runs out at
 * a server that never sends usage and keeps the stream open, with or without keep-alives; long enough for a slow line, since
 * usage that comes too late would be replaced by an estimate. `complete`: only content that takes the end back could come.
 * `doubtful`: the word for the end came with every piece, so the next piece is waited for.
 */
export const PATIENCE: Readonly<Record<Exclude<EndState, 'open'>, { silenceMs: number; totalMs: number }>> = {
  complete: { silenceMs: 250, totalMs: 500 },
  usage_due: { silenceMs: 1_500, totalMs: 3_000 },
  doubtful: { silenceMs: 5_000, totalMs: 10_000 },
};

export type Chunk = IteratorResult<Uint8Array>;

/** The body's chunks, with a patience that runs out once the answer is known to be ending. */
export class HeldSource {
  private readonly chunks: AsyncIterator<Uint8Array>;
  private pending: Promise<Chunk> | undefined;
  /** When the wait for what follows the end began. */
  private endedAt: number | undefined;

  constructor(chunks: AsyncIterator<Uint8Array>) {
    this.chunks = chunks;
  }

  get isWaiting(): boolean {
    return this.endedAt !== undefined;
  }

  /** Content came: what is waited for behind it is waited for anew. */
  beginAnew(): void {
    this.endedAt = undefined;
  }

  /** The next chunk; `held` where it does not come soon enough for an answer in that `state`. */
  next(state: EndState): Promise<Chunk | 'held'> {
    return state === 'open' ? this.chunks.next() : this.nextWithin(PATIENCE[state]);
  }

  private async nextWithin({
    silenceMs,
    totalMs,
  }: {
    silenceMs: number;
    totalMs: number;
  }): Promise<Chunk | 'held'> {
    this.endedAt ??= performance.now();
    const patienceMs = Math.min(silenceMs, this.endedAt + totalMs - performance.now());
    this.pending = this.chunks.next();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<'held'>((resolve) => {
      timer = setTimeout(resolve, patienceMs, 'held');
    });
    try {
      const first = await Promise.race([this.pending, patience]);
      if (first !== 'held') this.pending = undefined;
      return first;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Reads off a bounded rest in the background where the answer is `whole`, closes the stream otherwise. */
  release(whole: boolean): void {
    drain(this.chunks, this.pending, whole);
  }
}
