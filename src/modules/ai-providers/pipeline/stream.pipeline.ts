import { ProviderError } from '../errors/provider.error.js';
import type { StreamPart } from '../interfaces/ai-adapter.interface.js';
import type {
  CompletionChunk,
  CompletionContext,
  CompletionEnd,
  CompletionRequest,
  CompletionResponse,
  StoredAnswer,
} from '../interfaces/completion.interface.js';
import type { OpenedAttempt } from './candidate-walk.js';
import { openStream, resumeStream, type OpenStream } from './open-stream.js';
import type { AnswerSeat } from './answer-seat.js';
import type { PipelineDependencies } from './pipeline-dependencies.js';
import type { InFlight } from './ports.js';
import { RequestRun } from './request-run.js';
import { StreamTranscript, type FinishPart } from './stream-transcript.js';
import { usageOfAnswer } from './usage-account.js';

/**
 * Gives a request's answer as it comes, in groups of chunks that arrived together. The first group bears content: what
 * fails before it fails as a whole request would. Ending the iteration early stops the upstream call.
 * @throws AIError; after the first group it means that the answer was cut and could not be recovered.
 */
export async function* runStream(
  deps: PipelineDependencies,
  request: CompletionRequest,
  context: CompletionContext,
  inFlight: InFlight,
): AsyncGenerator<readonly CompletionChunk[], void, undefined> {
  const entry = inFlight.enter(context.signal);
  try {
    const session = new StreamSession(deps, request, { ...context, signal: entry.signal });
    try {
      for (let chunks = await session.next(); chunks !== null; chunks = await session.next()) yield chunks;
    } catch (error) {
      throw await session.fail(error);
    } finally {
      await session.close();
    }
  } finally {
    entry.leave();
  }
}

/** What tells the last chunk from a whole answer. */
const END = { content: '', done: true } as const;

class StreamSession {
  readonly run: RequestRun;
  private readonly transcript: StreamTranscript;
  private current: OpenedAttempt<OpenStream> | undefined;
  private seat: AnswerSeat | undefined;
  /** Whether the reader has chunks and has not asked for more. */
  private isHeld = false;
  private givenBack: Promise<void> | undefined;

  constructor(
    private readonly deps: PipelineDependencies,
    request: CompletionRequest,
    context: CompletionContext,
  ) {
    this.run = new RequestRun(deps, request, context, true);
    this.transcript = new StreamTranscript(this.run.id);
    this.run.deadline.onAbort(() => {
      if (this.isHeld) this.givenBack = this.giveBack();
    });
  }

  /** The next group of chunks, asked for once the one before has been taken; null behind the last one. */
  async next(): Promise<readonly CompletionChunk[] | null> {
    if (this.run.isOver) return null;
    let parts: readonly StreamPart[];
    if (this.seat === undefined) {
      this.seat = await this.run.takeSeat();
      if (this.seat.answer) return this.repeat(this.seat.answer);
      this.current = await this.run.walk.open((scope) => openStream(this.deps, scope));
      this.run.announce(this.current.scope);
      this.transcript.begin(this.current.scope.call.model);
      parts = this.current.value.held;
    } else {
      this.isHeld = false;
      this.seat.resume();
      parts = await this.nextParts();
    }
    for (;;) {
      const { chunks, finish } = this.transcript.take(parts);
      // To be kept, all of it would have to be held until its reader has it.
      if (this.seat.isKept && this.transcript.isTooLong) this.seat.forgo();
      if (finish) {
        chunks.push(await this.finish(finish));
        return chunks;
      }
      if (chunks.length > 0) {
        this.seat.hold();
        this.isHeld = true;
        return chunks;
      }
      parts = await this.nextParts();
    }
  }

  /** Gives the error as the caller is to see it. */
  fail(error: unknown): Promise<unknown> {
    this.seat?.fail(error);
    return this.run.fail(error);
  }

  /** Ends the upstream call if the caller left before the end. */
  async close(): Promise<void> {
    if (this.run.isOver) return;
    const reason = this.run.abandon();
    await this.givenBack;
    await this.fail(reason);
  }

  /** The request ended while nobody read: the try is over at once, and not when its reader comes back. */
  private async giveBack(): Promise<void> {
    if (!this.current) return;
    const { scope, value } = this.current;
    this.current = undefined;
    await value.stream.close();
    this.run.walk.note(scope, new ProviderError('aborted', 'The caller stopped reading'));
  }

  private async nextParts(): Promise<readonly StreamPart[]> {
    if (this.givenBack) await this.givenBack;
    this.run.deadline.throwIfAborted();
    const { scope, value } = this.opened();
    try {
      return await value.stream.pull();
    } catch (thrown) {
      this.current = undefined;
      await value.stream.close();
      this.run.walk.failMidStream(scope, thrown);
    }
    const { text, isTextOnly, isTooLong } = this.transcript;
    if (this.deps.streamRecovery === 'off' || isTooLong || !isTextOnly) throw this.run.walk.verdict(true);
    this.current = await this.run.walk.open((again) => resumeStream(this.deps, again, text));
    this.run.recovered = true;
    this.transcript.begin(this.current.scope.call.model);
    return this.current.value.held;
  }

  private async finish(finish: FinishPart): Promise<CompletionEnd> {
    const { run, transcript } = this;
    const { scope } = this.opened();
    this.current = undefined;
    const usage = usageOfAnswer(finish.usage, scope.call, scope.receivedText, this.deps.tokens);
    run.walk.succeed(scope, usage);
    const { finishReason, rawFinishReason } = finish;
    const ending = { finishReason, rawFinishReason, model: transcript.model };
    const end: CompletionEnd = Object.assign(run.response(scope, ending, usage, ''), END);
    const { toolCalls, refusal } = transcript;
    if (toolCalls) end.toolCalls = toolCalls;
    if (refusal !== '') end.refusal = refusal;
    if (run.recovered) end.recovered = true;
    if (this.seat?.isKept) this.seat.land(wholeAnswer(end, transcript));
    await run.end(null);
    return end;
  }

  /** The chunks that an answer which is there makes. */
  private async repeat(answer: StoredAnswer): Promise<CompletionChunk[]> {
    const { content, reasoning, ...summary } = this.run.repeat(answer);
    await this.run.end(null);
    const { id, model, refusal } = summary;
    const chunks: CompletionChunk[] = [];
    if (reasoning !== undefined) chunks.push({ id, content: '', done: false, model, reasoning });
    if (content !== '') chunks.push({ id, content, done: false, model });
    if (refusal !== undefined) chunks.push({ id, content: '', done: false, model, refusal });
    summary.toolCalls?.forEach((call, index) =>
      chunks.push({ id, content: '', done: false, model, toolCallDelta: { index, ...call } }),
    );
    return [...chunks, { ...summary, content: '', done: true }];
  }

  private opened(): OpenedAttempt<OpenStream> {
    if (!this.current) throw new Error('The stream is not open');
    return this.current;
  }
}

/** The answer that a stream has given, as a request for the whole would have had it. */
function wholeAnswer(end: CompletionEnd, { text, reasoning }: StreamTranscript): CompletionResponse {
  const { done, recovered, ...summary } = end;
  return { ...summary, content: text, ...(reasoning !== '' && { reasoning }) };
}
