import type {
  CompletionChunk,
  CompletionDelta,
  CompletionEnd,
} from '../../interfaces/completion.interface.js';
import type { RequestDeadline } from '../../resilience/request-deadline.js';
import type { StreamTranscript, TranscriptPosition } from '../../operations/chat/stream-transcript.js';

/** Chunks that came together; null behind the last ones. */
export type ChunkGroup = readonly CompletionChunk[] | null;

/** Where the chunks of a shared stream come from. */
export interface StreamSource {
  readonly transcript: StreamTranscript;
  /** The next chunks. One call at a time. @throws what the stream ends with */
  produce(): Promise<ChunkGroup>;
}

/** One who reads a shared stream, and how far he has come. */
export interface ReaderPlace {
  /** Null: he has had all that has come. */
  behindSince: TranscriptPosition | null;
  isWaiting: boolean;
}

/**
 * One running stream for all requests that ask the same meanwhile. The reader that first wants more advances it for all, so
 * that none is held up by another: a slow reader finds what it has missed in the transcript, which is there anyway, and nothing
 * is buffered for it. Close to the end of what a transcript holds, the stream goes on only when all want more.
 */
export class SharedStream {
  private readonly places = new Set<ReaderPlace>();
  private pulling: Promise<ChunkGroup> | undefined;
  /** How far the chunks go that were handed out before the pull that is under way, or are now. */
  private handedOut: TranscriptPosition;
  /** Those who want more while the stream waits for another. */
  private waiting: { wake: () => void }[] = [];
  private ending: { end: CompletionEnd } | { error: unknown } | undefined;

  /** @param onDeserted called when the last reader has left a stream that has not ended */
  constructor(
    private readonly source: StreamSource,
    private readonly onDeserted: () => void,
  ) {
    this.handedOut = source.transcript.position();
  }

  /** How many read it. */
  get size(): number {
    return this.places.size;
  }

  /** Whether no reader wants more now. */
  get isIdle(): boolean {
    return this.pulling === undefined;
  }

  /** The account of the stream, once it has ended well. */
  get end(): CompletionEnd | undefined {
    return this.ending && 'end' in this.ending ? this.ending.end : undefined;
  }

  /** Joins; the first chunks bring what has been said so far. Null where it has ended. */
  join(): ReaderPlace | null {
    if (this.ending) return null;
    const place: ReaderPlace = { behindSince: this.source.transcript.beginning(), isWaiting: false };
    this.places.add(place);
    return place;
  }

  /** The reader is gone. */
  leave(place: ReaderPlace): void {
    if (!this.places.delete(place)) return;
    if (this.places.size === 0 && !this.ending) this.onDeserted();
    this.wakeAll();
  }

  /** The next chunks for this reader. @throws what the stream ended with */
  next(place: ReaderPlace): Promise<ChunkGroup> {
    if (place.behindSince !== null || this.ending || this.source.transcript.isNearlyFull)
      return this.nextInTurn(place);
    place.isWaiting = true;
    return (this.pulling ??= this.pull());
  }

  private async nextInTurn(place: ReaderPlace): Promise<ChunkGroup> {
    const missed = this.missedBy(place);
    if (missed.length > 0) return missed;
    for (;;) {
      if (this.pulling === undefined && this.ending) return this.last();
      place.isWaiting = true;
      if (this.pulling === undefined && !this.mayGoOn()) {
        await new Promise<void>((wake) => this.waiting.push({ wake }));
        continue;
      }
      return await (this.pulling ??= this.pull());
    }
  }

  /**
   * Reads on for one who wants no chunks, only that the stream goes on, until `isEnough` or the end. False where it had
   * ended before. @throws AIError when `deadline` ends first
   */
  async readThrough(deadline: RequestDeadline, isEnough: () => boolean): Promise<boolean> {
    const place = this.join();
    if (place === null) return false;
    try {
      while (!isEnough() && (await deadline.interrupting(this.next(place))) !== null);
    } catch {
      // How the stream failed is known by its single flight.
      deadline.throwIfAborted();
    } finally {
      this.leave(place);
    }
    return true;
  }

  private async pull(): Promise<ChunkGroup> {
    this.handedOut = this.source.transcript.position();
    this.wakeAll();
    try {
      const group = await this.source.produce();
      this.takeNote(group);
      return group;
    } catch (error) {
      this.ending = { error };
      throw error;
    } finally {
      this.pulling = undefined;
      for (const place of this.places) place.isWaiting = false;
    }
  }

  /** Who was not there to take the chunks finds them in the transcript. */
  private takeNote(group: ChunkGroup): void {
    const last = group?.at(-1);
    if (last?.done) this.ending = { end: last };
    for (const place of this.places) if (!place.isWaiting) place.behindSince ??= this.handedOut;
  }

  private missedBy(place: ReaderPlace): CompletionDelta[] {
    if (place.behindSince === null) return [];
    const { transcript } = this.source;
    // What is just being made comes by itself.
    const missed = transcript.between(
      place.behindSince,
      this.pulling ? this.handedOut : transcript.position(),
    );
    place.behindSince = null;
    return missed;
  }

  private last(): ChunkGroup {
    if (this.ending && 'error' in this.ending) throw this.ending.error;
    return null;
  }

  private mayGoOn(): boolean {
    if (!this.source.transcript.isNearlyFull) return true;
    for (const place of this.places) if (!place.isWaiting) return false;
    return true;
  }

  private wakeAll(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const { wake } of waiting) wake();
  }
}
