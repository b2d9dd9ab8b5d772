import type { Refused } from '../../dialects/fit.js';
import type { ProviderError } from '../../errors/provider.error.js';
import type { ProviderAnswer, ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { CancelSignal } from '../../interfaces/cancel-signal.interface.js';
import type { RefusalWords } from '../refusals/refusal-words.js';
import type { HistoryRules } from './history/fit-history.js';
import type { StreamReader } from './streams/stream-reader.js';

/** What a vendor's chat is made of. It never touches a body or a stream: `VendorChat` does. */
export interface ChatProtocol<Body> {
  /** What the vendor wants of a conversation, as far as the model's name says. */
  historyRules(model: string): HistoryRules;

  /**
   * The vendor's request body: what `dialects/` says that the vendor gets of the call, without what this deployment has
   * refused of ours.
   */
  toRequest(call: ProviderCall, stream: boolean, refused: Refused): Body;

  /** Sends it. Resolves with the untouched 2xx response. @throws VendorRefusal for any other. */
  post(body: Body, stream: boolean, signal: CancelSignal): Promise<Response>;

  /**
   * The vendor's whole answer in our words.
   * @throws ProviderError `malformed` where it is not of the vendor's form; the vendor's own error where it is one.
   */
  fromResponse(json: unknown, call: ProviderCall): ProviderAnswer;

  /** A fresh reader for one stream. */
  createReader(call: ProviderCall): StreamReader;

  /**
   * What the deployment has refused of ours, this refusal included; undefined where it names nothing of ours that was sent.
   * What the caller asked for is never among it: that refusal is for the caller to read.
   */
  refusedOf(said: RefusalWords, call: ProviderCall, stream: boolean, refused: Refused): Refused | undefined;

  /**
   * Whether a refusal showed something new about this deployment, so that another body is made of the same call. The call is
   * then sent once more, at once. Each lesson is learnt once, so a call is sent a few times at most.
   */
  learn?(refusal: ProviderError, call: ProviderCall): boolean;
}
