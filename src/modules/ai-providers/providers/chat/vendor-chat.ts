import type { Refused } from '../../dialects/fit.js';
import type {
  ChatAdapter,
  ProviderAnswer,
  ProviderCall,
  StreamPart,
} from '../../interfaces/ai-adapter.interface.js';
import type { CancelSignal } from '../../interfaces/cancel-signal.interface.js';
import type { CallFailures } from '../refusals/call-failures.js';
import { OwnChoices } from '../refusals/own-choices.js';
import { RefusalWords } from '../refusals/refusal-words.js';
import { VendorRefusal } from '../refusals/vendor-refusal.js';
import { openBody } from '../wire/response-body.js';
import { AnswerBody } from './answers/answer-body.js';
import type { ChatProtocol } from './chat.protocol.js';
import { fitHistory } from './history/fit-history.js';
import { HistoryLessons } from './history/history-lessons.js';
import { partsOfAnswer } from './streams/gather-answer.js';

/** A response, and what its request was sent without because the deployment had refused it. */
interface Dispatched {
  response: Response;
  refused: Refused;
}

/** Chat with one vendor: the order of a call's steps, and the reading of bodies and event streams. */
export class VendorChat<Body> implements ChatAdapter {
  private readonly history: HistoryLessons;
  private readonly choices = new OwnChoices();
  private readonly answers: AnswerBody;

  constructor(
    private readonly protocol: ChatProtocol<Body>,
    private readonly failures: CallFailures,
  ) {
    this.history = new HistoryLessons((model) => protocol.historyRules(model));
    this.answers = new AnswerBody(protocol);
  }

  /** @throws ProviderError always and only. */
  async complete(call: ProviderCall, signal: CancelSignal): Promise<ProviderAnswer> {
    try {
      this.failures.assertReady(signal);
      const { response, refused } = await this.dispatch(call, false, signal);
      const opened = openBody(response);
      const answer = await this.answers.whole(
        response,
        opened instanceof Promise ? await opened : opened,
        call,
      );
      if (refused.size > 0) answer.refused = refused;
      return answer;
    } catch (error) {
      throw this.failures.of(error, signal);
    }
  }

  /** @throws ProviderError always and only, from the iteration. Parts read before a failure are handed out first. */
  async *stream(
    call: ProviderCall,
    signal: CancelSignal,
  ): AsyncGenerator<readonly StreamPart[], void, undefined> {
    try {
      this.failures.assertReady(signal);
      const { response, refused } = await this.dispatch(call, true, signal);
      const opened = await openBody(response);
      let unsent: StreamPart | undefined = refused.size > 0 ? { type: 'refused', refused } : undefined;
      const said =
        opened.form === 'json'
          ? [partsOfAnswer(await this.answers.json(response, opened, call))]
          : this.answers.events(response, opened, call);
      for await (const parts of said) {
        yield unsent === undefined ? parts : [unsent, ...parts];
        unsent = undefined;
      }
    } catch (error) {
      throw this.failures.of(error, signal);
    }
  }

  /**
   * Sends the call, and where something of ours is refused sends it again without, at once: each thing once. It is remembered for the
   * model once a request without it has been taken.
   */
  private async dispatch(call: ProviderCall, stream: boolean, signal: CancelSignal): Promise<Dispatched> {
    const { protocol } = this;
    const known = this.choices.refusedBy(call.model);
    let refused = known;
    let isLasting = true;
    for (;;) {
      const fit = fitHistory(call, this.history.rulesFor(call.model));
      try {
        const response = await protocol.post(protocol.toRequest(fit, stream, refused), stream, signal);
        if (refused !== known && isLasting) this.choices.remember(call.model, refused);
        return { response, refused };
      } catch (error) {
        const refusal = this.failures.of(error, signal);
        if (signal.aborted) throw refusal;
        const words = wordsAboutRequest(error);
        const less = words && protocol.refusedOf(words, fit, stream, refused);
        // What one long prompt leaves no room for is refused of it alone.
        isLasting &&= refusal.fault !== 'context_length';
        if (less !== undefined) refused = less;
        else if (!this.history.learn(refusal, call.model) && !protocol.learn?.(refusal, call)) throw refusal;
      }
    }
  }
}

/** What a refusal of the request itself says; undefined for any other failure. */
function wordsAboutRequest(error: unknown): RefusalWords | undefined {
  const isAboutIt = error instanceof VendorRefusal && (error.status === 400 || error.status === 422);
  return isAboutIt ? new RefusalWords(error.said) : undefined;
}
