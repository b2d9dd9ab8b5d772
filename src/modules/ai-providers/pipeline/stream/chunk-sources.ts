import { AIError } from '../../errors/ai.error.js';
import type {
  CompletionChunk,
  CompletionDelta,
  CompletionEnd,
  StoredAnswer,
} from '../../interfaces/completion.interface.js';
import type { SingleFlight } from '../../policies/cache/single-flight.js';
import type { PipelineDependencies } from '../pipeline-dependencies.js';
import type { RequestRun } from '../request-run.js';
import { SharedStream, type ChunkGroup, type ReaderPlace } from '../../policies/cache/shared-stream.js';
import { StreamSession } from './stream.pipeline.js';

/** Where a caller's chunks come from. */
export interface ChunkSource {
  /** Whether others read on when this reader leaves: then leaving does not make `next` reject. */
  readonly isShared: boolean;
  /** Whether its failure is another request's, and this one has had nothing yet: then the policies may be asked anew. */
  readonly mayStartOver: boolean;
  next(): Promise<ChunkGroup>;
  /** The request is over for its caller. Gives the error as he is to see it, once that is kept. */
  fail(error: unknown): Promise<unknown>;
}

/** The stream of this request's own tries, for it alone. */
export class OwnSource implements ChunkSource {
  readonly isShared = false;
  readonly mayStartOver = false;
  private readonly session: StreamSession;

  constructor(
    deps: PipelineDependencies,
    private readonly run: RequestRun,
  ) {
    this.session = new StreamSession(deps, run);
  }

  next(): Promise<ChunkGroup> {
    return this.session.produce();
  }

  fail(error: unknown): Promise<unknown> {
    return stopAndFail(this.session, this.run, error);
  }
}

/** The same for all who ask the same meanwhile: it goes on without its own caller as long as somebody listens. */
export class LeaderSource implements ChunkSource {
  readonly isShared = true;
  readonly mayStartOver = false;
  private readonly session: StreamSession;
  private readonly shared: SharedStream;
  private readonly place: ReaderPlace | null;
  private isEnded = false;
  private left: AIError | undefined;

  /** @param onLeft called when the caller has left and the work goes on */
  constructor(
    deps: PipelineDependencies,
    private readonly run: RequestRun,
    singleFlight: SingleFlight,
    onLeft: (reason: AIError) => void,
  ) {
    this.session = new StreamSession(deps, run);
    this.shared = new SharedStream(this.session, () => this.deserted());
    this.place = this.shared.join();
    if (this.place) this.place.behindSince = null;
    run.deadline.goesOnWithout = (reason) => this.handOver(reason, onLeft);
    singleFlight.share(this.shared);
  }

  async next(): Promise<ChunkGroup> {
    if (this.isEnded || this.place === null) return null;
    const group = await this.shared.next(this.place);
    this.isEnded = group === null || group.at(-1)?.done === true;
    // Where others have brought it to its end, this one has had all but that.
    return group ?? (this.shared.end ? [this.shared.end] : null);
  }

  async fail(error: unknown): Promise<unknown> {
    if (this.left) return this.left.withAttempts(this.run.failover.attempts());
    return stopAndFail(this.session, this.run, error);
  }

  /** Those for whom it went on have left too. */
  private deserted(): void {
    if (this.left === undefined) return;
    this.run.deadline.abort(this.left);
    if (this.shared.isIdle) void stopAndFail(this.session, this.run, this.left);
  }

  private handOver(reason: AIError, onLeft: (reason: AIError) => void): boolean {
    if (this.left === undefined && this.place) {
      this.shared.leave(this.place);
      if (this.shared.size === 0 || reason.code === 'SHUTTING_DOWN') return false;
      this.left = reason;
      this.run.callerLeft(reason);
      onLeft(reason);
      return true;
    }
    return this.shared.size > 0 && reason.code !== 'SHUTTING_DOWN';
  }
}

async function stopAndFail(session: StreamSession, run: RequestRun, error: unknown): Promise<unknown> {
  try {
    await session.stop();
  } catch (closing) {
    return run.fail(closing);
  }
  return run.fail(error);
}

/** The stream of another request, as it comes. */
export class FollowerSource implements ChunkSource {
  readonly isShared = true;
  private readonly place: ReaderPlace | null;
  private hasChunks = false;
  private isEnded = false;

  constructor(
    private readonly run: RequestRun,
    private readonly shared: SharedStream,
  ) {
    this.place = shared.join();
  }

  get mayStartOver(): boolean {
    return !this.hasChunks;
  }

  async next(): Promise<ChunkGroup> {
    if (this.isEnded) return null;
    if (this.place === null)
      throw new AIError('CLIENT_CLOSED_REQUEST', 'The stream that was to be followed has ended');
    try {
      const group = await this.shared.next(this.place);
      if (!this.hasChunks) this.run.reportCacheStatus('HIT');
      this.hasChunks = true;
      const mine = (group ?? []).flatMap((chunk) => (chunk.done ? [] : [{ ...chunk, id: this.run.id }]));
      return this.shared.end && (group === null || group.at(-1)?.done)
        ? await this.last(mine, this.shared.end)
        : mine;
    } catch (error) {
      this.shared.leave(this.place);
      throw error;
    }
  }

  fail(error: unknown): Promise<unknown> {
    if (this.place) this.shared.leave(this.place);
    return this.run.fail(error);
  }

  private async last(chunks: CompletionChunk[], end: CompletionEnd): Promise<ChunkGroup> {
    this.isEnded = true;
    if (this.place) this.shared.leave(this.place);
    const { id, latency, cached, attempts, done, recovered, ...answer } = end;
    const repeated = this.run.repeat(answer);
    await this.run.end(null);
    return [...chunks, { ...repeated, content: '', done: true }];
  }
}

/** An answer that was there. */
export class CachedSource implements ChunkSource {
  readonly isShared = false;
  readonly mayStartOver = false;
  private isGiven = false;

  constructor(
    private readonly run: RequestRun,
    private readonly answer: StoredAnswer,
  ) {}

  async next(): Promise<ChunkGroup> {
    if (this.isGiven) return null;
    this.isGiven = true;
    const { content, reasoning, ...summary } = this.run.repeat(this.answer);
    await this.run.end(null);
    const { id, model, refusal } = summary;
    const chunks: CompletionDelta[] = [];
    if (reasoning !== undefined) chunks.push({ id, content: '', done: false, model, reasoning });
    if (content !== '') chunks.push({ id, content, done: false, model });
    const { providerData, logprobs } = summary;
    if (providerData?.openai) chunks.push({ id, content: '', done: false, model, providerData });
    if (refusal !== undefined) chunks.push({ id, content: '', done: false, model, refusal });
    summary.toolCalls?.forEach((call, index) =>
      chunks.push({ id, content: '', done: false, model, toolCallDelta: { index, ...call } }),
    );
    const bearer =
      chunks.find((chunk) => chunk.content !== '') ?? chunks.find((chunk) => chunk.reasoning === undefined);
    if (logprobs && bearer) bearer.logprobs = logprobs;
    return [...chunks, { ...summary, content: '', done: true }];
  }

  fail(error: unknown): Promise<unknown> {
    return this.run.fail(error);
  }
}
