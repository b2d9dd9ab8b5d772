import { ProviderError } from '../../errors/provider.error.js';
import type { StreamPart } from '../../interfaces/ai-adapter.interface.js';
import type {
  CompletionChunk,
  CompletionEnd,
  CompletionResponse,
} from '../../interfaces/completion.interface.js';
import type { OpenedAttempt } from '../failover/failover.js';
import { openStream, resumeStream, type OpenStream } from './open-stream.js';
import type { PipelineDependencies } from '../pipeline-dependencies.js';
import type { RequestRun } from '../request-run.js';
import type { StreamSource } from '../../policies/cache/shared-stream.js';
import { StreamTranscript, type FinishPart } from '../../operations/chat/stream-transcript.js';

/** The fields in which the last chunk differs from a whole answer. */
const END = { content: '', done: true } as const;

/** The stream of one request's own tries: opened, recovered where it is cut, and kept at its end. */
export class StreamSession implements StreamSource {
  readonly transcript: StreamTranscript;
  private current: OpenedAttempt<OpenStream> | undefined;
  private isBegun = false;

  constructor(
    private readonly deps: PipelineDependencies,
    private readonly run: RequestRun,
  ) {
    this.transcript = new StreamTranscript(run.id, (characters) => run.holdMore(characters));
  }

  /** The next group of chunks, asked for once the one before has been taken; null behind the last one. */
  async produce(): Promise<readonly CompletionChunk[] | null> {
    if (this.run.isOver) return null;
    const { policies } = this.run;
    try {
      let parts = this.isBegun ? await this.nextParts() : await this.begin();
      for (;;) {
        const { chunks, finish } = this.transcript.take(parts);
        // A policy that wants all of it would have all of it held until its reader has it.
        if (this.transcript.isTooLong && policies.wantsAnswer) policies.discard();
        if (finish) chunks.push(await this.finish(finish));
        if (chunks.length > 0) {
          policies.onPart(chunks);
          return chunks;
        }
        parts = await this.nextParts();
      }
    } catch (error) {
      await this.stop();
      throw await this.run.fail(error);
    }
  }

  /** The request ended between two reads: the try is over at once, and not when its reader comes back. */
  async stop(): Promise<void> {
    if (!this.current) return;
    const { scope, value } = this.current;
    this.current = undefined;
    this.run.failover.note(scope, new ProviderError('aborted', 'The caller stopped reading'));
    await value.stream.close();
  }

  private async begin(): Promise<readonly StreamPart[]> {
    this.isBegun = true;
    this.current = await this.run.failover.open((scope) => openStream(this.deps, scope));
    this.run.announce(this.current.scope);
    this.transcript.begin(this.current.scope.call);
    return this.current.value.held;
  }

  private async nextParts(): Promise<readonly StreamPart[]> {
    this.run.deadline.throwIfAborted();
    const { scope, value } = this.opened();
    try {
      return await value.stream.pull();
    } catch (thrown) {
      this.current = undefined;
      await value.stream.close();
      this.run.failover.failMidStream(scope, thrown);
    }
    const { text, isTextOnly, isTooLong } = this.transcript;
    if (this.deps.streamRecovery === 'off' || isTooLong || !isTextOnly)
      throw this.run.failover.exhausted(true);
    this.current = await this.run.failover.open((again) => resumeStream(this.deps, again, text));
    this.run.recovered = true;
    this.transcript.begin(this.current.scope.call);
    return this.current.value.held;
  }

  private async finish(finish: FinishPart): Promise<CompletionEnd> {
    const { run, transcript } = this;
    const { scope } = this.opened();
    this.current = undefined;
    const { operation, tokens } = this.deps;
    const counted = operation.usageOf(finish.usage, scope.call, () => scope.received, tokens);
    const usage = counted instanceof Promise ? await counted : counted;
    run.failover.succeed(scope, usage);
    const { finishReason, rawFinishReason } = finish;
    const ending = { finishReason, rawFinishReason, model: transcript.model };
    const end: CompletionEnd = Object.assign(run.response(scope, ending, usage, ''), END);
    const { toolCalls, refusal } = transcript;
    if (toolCalls) end.toolCalls = toolCalls;
    if (refusal !== '') end.refusal = refusal;
    if (transcript.logprobs) end.logprobs = transcript.logprobs;
    if (transcript.beside) end.providerData = { openai: transcript.beside };
    if (transcript.around) end.openaiFields = transcript.around;
    if (run.recovered) end.recovered = true;
    if (run.policies.wantsAnswer) run.policies.after(wholeAnswer(end, transcript));
    await run.end(null);
    return end;
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
