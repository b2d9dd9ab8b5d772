import { ProviderError } from '../../../errors/provider.error.js';
import type { StreamPart } from '../../../interfaces/ai-adapter.interface.js';
import type { FinishReason } from '../../../interfaces/completion.interface.js';
import type { ReportedUsage } from '../../../interfaces/usage.interface.js';
import { meaningOf, type EndMeaning } from './finish-reason.js';
import type { ToolCallAssembler } from './tool-calls.js';

/**
 * How far a streamed answer has come. `open`: more has to come. `doubtful`: it has a word for its end, but so had every
 * piece that said something, as servers exist that put `stop` into each. `usage_due`: it has ended and its usage may still
 * come. `complete`: it has ended and its usage is known.
 */
export type EndState = 'open' | 'doubtful' | 'usage_due' | 'complete';

type FinishPart = Extract<StreamPart, { type: 'finish' }>;

/** Where several words hold for one answer, the first of these is reported: an answer that was cut must not look finished. */
const GRAVEST_FIRST: readonly EndMeaning[] = [
  'failed',
  'content_filter',
  'length',
  'other',
  'tool_calls',
  'stop',
];

/** What servers say in every event of an answer that goes on. */
const REPEATED: ReadonlySet<EndMeaning> = new Set(['stop', 'tool_calls', 'other']);

/**
 * What is known of how an answer ended. An answer may come in several choices (`speaker`), which together are it. A word is
 * final only when nothing that bears content follows it: content takes the word of its choice back.
 */
export class AnswerEnding {
  private readonly words = new Map<string, string>();
  private readonly speakers = new Set<string>();
  private saidWithoutWord = false;
  private isUsageKnown = false;

  /** One choice of one event: whether it said something, and the word for its end where it brought one. */
  note(speaker: string, said: boolean, word: string | undefined): void {
    if (said) {
      this.speakers.add(speaker);
      this.words.delete(speaker);
      this.isUsageKnown = false;
      if (word === undefined) this.saidWithoutWord = true;
    }
    if (word !== undefined) this.words.set(speaker, word);
  }

  /** Usage was reported. Before the word for the end it is a state of things, and another one is waited for. */
  noteUsage(): void {
    if (this.words.size > 0) this.isUsageKnown = true;
  }

  /** Whether a word for the end stands. */
  get hasWord(): boolean {
    return this.words.size > 0;
  }

  get state(): EndState {
    if (this.words.size === 0) return 'open';
    for (const speaker of this.speakers) if (!this.words.has(speaker)) return 'open';
    if (!this.saidWithoutWord && REPEATED.has(meaningOf(this.word()))) {
      // Models exist that think after an empty `STOP`.
      return this.speakers.size === 0 ? 'open' : 'doubtful';
    }
    return this.isUsageKnown ? 'complete' : 'usage_due';
  }

  /**
   * The end of an answer of which nothing more will be read. A reason fits what is handed out: vendors say `stop` where a
   * tool was called (OpenAI for a forced one, Gemini always), and `tool_calls` where none is there.
   * @throws ProviderError `server_error` where the word means that the vendor gave up, `truncated` where it ended in the
   * middle of a call's arguments, both with the usage
   */
  finish(usage: ReportedUsage, calls: ToolCallAssembler | undefined): FinishPart {
    const word = this.word();
    const meaning = word === '' && calls ? 'tool_calls' : meaningOf(word);
    if (meaning === 'failed') {
      const message = `The provider ended the answer with the reason ${word}.`;
      throw new ProviderError('server_error', message, { vendorCode: word, usage });
    }
    const isDone = meaning === 'stop' || meaning === 'tool_calls';
    if (isDone && calls?.isCut) {
      throw new ProviderError('truncated', "The answer ended in the middle of a tool call's arguments.", {
        usage,
      });
    }
    const finishReason: FinishReason = isDone ? (calls ? 'tool_calls' : 'stop') : meaning;
    return { type: 'finish', finishReason, rawFinishReason: word, usage };
  }

  /** The gravest word of the choices that said something; of all, where none did; empty where there is none. */
  private word(): string {
    let gravest = '';
    let rank: number = GRAVEST_FIRST.length;
    for (const [speaker, word] of this.words) {
      if (this.speakers.size > 0 && !this.speakers.has(speaker)) continue;
      const its = GRAVEST_FIRST.indexOf(meaningOf(word));
      if (its < rank) [gravest, rank] = [word, its];
    }
    return gravest;
  }
}
