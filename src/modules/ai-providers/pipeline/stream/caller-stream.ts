import { AIError } from '../../errors/ai.error.js';
import type {
  CompletionChunk,
  CompletionContext,
  CompletionRequest,
} from '../../interfaces/completion.interface.js';
import type { ChunkStream } from '../../interfaces/chunk-stream.interface.js';
import { FollowerSource, LeaderSource, OwnSource, CachedSource, type ChunkSource } from './chunk-sources.js';
import type { PipelineDependencies } from '../pipeline-dependencies.js';
import type { InFlight } from '../../admission/admission.ports.js';
import { RequestRun } from '../request-run.js';
import type { ChunkGroup } from '../../policies/cache/shared-stream.js';

type Step = IteratorResult<readonly CompletionChunk[], undefined>;

/**
 * Gives a request's answer as it comes, in groups of chunks that arrived together. The first group bears content: what
 * fails before it fails as a whole request would. Ending the iteration early stops the upstream call, unless others who
 * asked the same listen. A reader who takes nothing for `readerTimeoutMs` is taken for gone.
 * @throws AIError from the iteration; after the first group it means that the answer was cut and could not be recovered.
 */
export function runStream(
  deps: PipelineDependencies,
  request: CompletionRequest,
  context: CompletionContext,
  inFlight: InFlight,
): ChunkStream {
  return new CallerStream(deps, request, context, inFlight);
}

/**
 * What a reader holds. It is no generator, since one that is abandoned at its `yield` cannot be ended from outside: this
 * gives everything back by itself when the request ends between two reads.
 */
class CallerStream implements ChunkStream {
  private state: 'new' | 'held' | 'reading' | 'over' = 'new';
  private run: RequestRun | undefined;
  private source: ChunkSource | undefined;
  /** The last step that was asked for: like those of a generator they come one after another. */
  private step: Promise<Step> | undefined;
  /** What the next step throws, of a stream that ended between two reads. */
  private ending: Promise<unknown> | undefined;
  private heldSince = 0;
  private cancelLook: (() => void) | undefined;
  private interrupt: ((reason: AIError) => void) | undefined;

  constructor(
    private readonly deps: PipelineDependencies,
    private readonly request: CompletionRequest,
    private readonly context: CompletionContext,
    private readonly inFlight: InFlight,
  ) {}

  next(): Promise<Step> {
    this.step = this.state === 'reading' && this.step ? this.advanceAfter(this.step) : this.advance();
    return this.step;
  }

  async return(): Promise<Step> {
    if (this.state !== 'over' && this.run) {
      await this.leave(new AIError('CLIENT_CLOSED_REQUEST', 'The caller stopped reading'));
    }
    this.state = 'over';
    this.ending = undefined;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  private advanceAfter(step: Promise<Step>): Promise<Step> {
    const advance = (): Promise<Step> => this.advance();
    return step.then(advance, advance);
  }

  private async advance(): Promise<Step> {
    if (this.state === 'over') return this.afterEnd();
    this.state = 'reading';
    try {
      // Nothing but its request's end interrupts a stream of its own, and that ends the work itself.
      const group = await (this.source?.isShared === false ? this.source.next() : this.read());
      if (group === null) this.finish();
      else {
        this.hold();
        return { done: false, value: group };
      }
    } catch (error) {
      this.finish();
      throw this.run ? await this.failed(this.run, error) : error;
    }
    return { done: true, value: undefined };
  }

  private async afterEnd(): Promise<Step> {
    const { ending } = this;
    this.ending = undefined;
    if (ending) throw await ending;
    return { done: true, value: undefined };
  }

  private async read(): Promise<ChunkGroup> {
    this.run ??= this.begin();
    const run = this.run;
    for (;;) {
      const source = (this.source ??= await this.findSource(run));
      try {
        return source.isShared ? await this.interruptible(source.next()) : await source.next();
      } catch (error) {
        if (!source.mayStartOver || run.deadline.reason !== null || !run.policies.mayStartOver(error))
          throw error;
        this.source = undefined;
      }
    }
  }

  private begin(): RequestRun {
    const entry = this.inFlight.enter(this.context.signal);
    try {
      const context = { ...this.context, signal: entry.signal };
      const run = new RequestRun(this.deps, this.request, context, true, () => entry.leave());
      run.deadline.onAbort((reason) => this.ended(reason));
      return run;
    } catch (error) {
      entry.leave();
      throw error;
    }
  }

  private async findSource(run: RequestRun): Promise<ChunkSource> {
    const { answer, followed } = await run.before();
    if (answer) return new CachedSource(run, answer);
    if (followed) return new FollowerSource(run, followed);
    const { singleFlight } = run.policies;
    return singleFlight
      ? new LeaderSource(this.deps, run, singleFlight, (reason) => this.ended(reason))
      : new OwnSource(this.deps, run);
  }

  /** The reader has chunks and may take his time, but not for ever. */
  private hold(): void {
    this.state = 'held';
    if (this.run?.isOver) return this.cancelLook?.();
    this.heldSince = this.deps.clock.monotonic();
    this.cancelLook ??= this.deps.clock.schedule(this.deps.readerTimeoutMs, () => this.look());
  }

  private look(): void {
    const { clock, readerTimeoutMs } = this.deps;
    const left =
      this.state === 'held' ? this.heldSince + readerTimeoutMs - clock.monotonic() : readerTimeoutMs;
    if (left > 0) this.cancelLook = clock.schedule(left, () => this.look());
    else
      void this.leave(
        new AIError('CLIENT_CLOSED_REQUEST', `The reader took nothing for ${readerTimeoutMs} ms`),
      );
  }

  /** The reader is gone: ends the request, whose end `ended` is called with. Resolves when it is over or others have it. */
  private leave(reason: AIError): Promise<unknown> {
    this.run?.deadline.abort(reason);
    return this.ending ?? this.step?.catch(() => undefined) ?? Promise.resolve();
  }

  /** The request has ended for this reader. Where he waits for chunks, that fails; where not, the next step does. */
  private ended(reason: AIError): void {
    this.interrupt?.(reason);
    if (this.state !== 'held') return;
    this.finish();
    // The try is aborted in this same turn: it is to be over before it is closed.
    this.ending = Promise.resolve().then(() => this.run && this.failed(this.run, reason));
  }

  /** Gives the error as the caller is to see it, once the request is kept; others may still need the work. */
  private async failed(run: RequestRun, error: unknown): Promise<unknown> {
    return this.source ? this.source.fail(error) : run.fail(error);
  }

  private finish(): void {
    this.state = 'over';
    this.cancelLook?.();
  }

  private interruptible(work: Promise<ChunkGroup>): Promise<ChunkGroup> {
    return new Promise((resolve, reject) => {
      this.interrupt = reject;
      work.then(resolve, reject);
    });
  }
}
