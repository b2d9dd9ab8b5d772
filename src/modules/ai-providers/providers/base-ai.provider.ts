import type { HttpTransport } from '../../../infra/http-client/http-transport.js';
import { SecretMask } from '../../../infra/logging/secret-mask.js';
import { internalFault, ProviderError } from '../errors/provider.error.js';
import type {
  AIProviderAdapter,
  ProviderAnswer,
  ProviderCall,
  StreamPart,
} from '../interfaces/ai-adapter.interface.js';
import type { Refused } from '../dialects/fit.js';
import type { CancelSignal } from '../interfaces/cancel-signal.interface.js';
import type { ProviderHeader, SecretText } from '../interfaces/ai-provider.interface.js';
import { AnswerBody } from './answers/answer-body.js';
import { partsOfAnswer } from './streams/gather-answer.js';
import { fitHistory } from './history/fit-history.js';
import type { HistoryRules } from './history/fit-history.js';
import { HistoryLessons } from './history/history-lessons.js';
import { OwnChoices } from './refusals/own-choices.js';
import { publicError } from './refusals/public-message.js';
import { RefusalWords } from './refusals/refusal-words.js';
import { openBody } from './answers/response-body.js';
import type { StreamReader } from './streams/stream-reader.js';
import type { LeanFetch } from './wire/sdk-request.js';
import { transportFault } from './refusals/transport-fault.js';
import { VendorRefusal } from './refusals/vendor-refusal.js';

/** Visible ASCII: what a header value may hold without quoting (RFC 9110 §5.5), and what keys are made of. */
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** What an adapter needs to reach its vendor. The transport belongs to the adapter: `close` closes it. */
export interface ProviderConnection {
  readonly apiKey: SecretText | null;
  /** Base URL as the operator set it; null means the vendor's own. */
  readonly endpoint: string | null;
  /** `bearer`, or the name of the header that carries the key; for OpenAI's dialects. */
  readonly authHeader?: string;
  /** What the transport sends besides: secrets too. */
  readonly headers?: readonly ProviderHeader[];
  readonly transport: HttpTransport;
}

/** A response, and what its request was sent without because the deployment had refused it. */
interface Dispatched {
  response: Response;
  refused: Refused;
}

/**
 * What every vendor's adapter has in common: the calling order, the reading of bodies and event streams, and the
 * promise that whatever goes wrong is thrown as a `ProviderError` without the key in its text. A vendor fills in the
 * protected methods; it never touches a body or a stream.
 */
export abstract class BaseAIProvider<Body> implements AIProviderAdapter {
  protected readonly apiKey: SecretText | null;
  /** The transport's, to hand to the vendor's SDK. */
  protected readonly fetch: LeanFetch;
  private readonly transport: HttpTransport;
  private readonly history = new HistoryLessons((model) => this.historyRules(model));
  private readonly choices = new OwnChoices();
  private readonly answers = new AnswerBody({
    fromResponse: (json, call) => this.fromResponse(json, call),
    createReader: (call) => this.createReader(call),
  });
  private readonly keyIsUsable: boolean;
  private readonly secrets: readonly SecretText[];
  /** Made when the first failure is told. */
  private mask: SecretMask | undefined;

  constructor(connection: ProviderConnection) {
    this.apiKey = connection.apiKey;
    this.secrets = secretsOf(connection);
    this.transport = connection.transport;
    this.fetch = connection.transport.fetch;
    this.keyIsUsable = connection.apiKey === null || HEADER_SAFE.test(connection.apiKey.reveal());
  }

  /** @throws ProviderError always and only. */
  async complete(call: ProviderCall, signal: CancelSignal): Promise<ProviderAnswer> {
    try {
      this.assertReady(signal);
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
      throw this.asProviderError(error, signal);
    }
  }

  /** @throws ProviderError always and only, from the iteration. Parts read before a failure are handed out first. */
  async *stream(
    call: ProviderCall,
    signal: CancelSignal,
  ): AsyncGenerator<readonly StreamPart[], void, undefined> {
    try {
      this.assertReady(signal);
      const { response, refused } = await this.dispatch(call, true, signal);
      const opened = await openBody(response);
      let untold: StreamPart | undefined = refused.size > 0 ? { type: 'refused', refused } : undefined;
      const said =
        opened.form === 'json'
          ? [partsOfAnswer(await this.answers.json(response, opened, call))]
          : this.answers.events(response, opened, call);
      for await (const parts of said) {
        yield untold === undefined ? parts : [untold, ...parts];
        untold = undefined;
      }
    } catch (error) {
      throw this.asProviderError(error, signal);
    }
  }

  /** @throws ProviderError where the vendor would not serve. */
  async probe(signal: CancelSignal): Promise<void> {
    try {
      this.assertReady(signal);
      await this.ask(forSdk(signal));
    } catch (error) {
      throw this.asProviderError(error, signal);
    }
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  /**
   * The vendor's request body: what `dialects/` says that the vendor gets of the call, without what this deployment has
   * refused of ours.
   */
  protected abstract toRequest(call: ProviderCall, stream: boolean, refused: Refused): Body;

  /**
   * What the deployment has refused of ours, this refusal included; undefined where it names nothing of ours that was sent.
   * What the caller asked for is never among it: that refusal is his to read.
   */
  protected abstract refusedOf(
    said: RefusalWords,
    call: ProviderCall,
    stream: boolean,
    refused: Refused,
  ): Refused | undefined;

  /** Sends it through the vendor's SDK. Resolves with the untouched 2xx response, throws a `VendorRefusal` otherwise. */
  protected abstract post(body: Body, stream: boolean, signal: AbortSignal): Promise<Response>;

  /**
   * The vendor's whole answer in our words.
   * @throws ProviderError `malformed` where it is not of the vendor's form; the vendor's own error where it is one.
   */
  protected abstract fromResponse(json: unknown, call: ProviderCall): ProviderAnswer;

  /** A fresh reader for one stream. */
  protected abstract createReader(call: ProviderCall): StreamReader;

  /** Maps the vendor's answer that is not 2xx. */
  protected abstract toError(refusal: VendorRefusal): ProviderError;

  /** Asks something that spends no tokens. Resolves if the vendor would serve, throws otherwise. */
  protected abstract ask(signal: AbortSignal): Promise<void>;

  /** What the vendor wants of a conversation, as far as the model's name tells. */
  protected abstract historyRules(model: string): HistoryRules;

  /**
   * Whether a refusal told something new about this deployment, by which another body is made of the same call. The call is
   * then sent once more, at once. Each lesson is learnt once, so a call is sent a few times at most.
   */
  protected learn(refusal: ProviderError, call: ProviderCall): boolean {
    return this.history.learn(refusal, call.model);
  }

  /**
   * Sends the call, and where something of ours is refused sends it again without, at once: each thing once. It is remembered for the
   * model once a request without it has been taken.
   */
  private async dispatch(call: ProviderCall, stream: boolean, signal: CancelSignal): Promise<Dispatched> {
    const known = this.choices.refusedBy(call.model);
    let refused = known;
    let isLasting = true;
    for (;;) {
      const fit = fitHistory(call, this.history.rulesFor(call.model));
      try {
        const response = await this.post(this.toRequest(fit, stream, refused), stream, forSdk(signal));
        if (refused !== known && isLasting) this.choices.remember(call.model, refused);
        return { response, refused };
      } catch (error) {
        const refusal = this.asProviderError(error, signal);
        const words = signal.aborted ? undefined : wordsAboutRequest(error);
        const less = words && this.refusedOf(words, fit, stream, refused);
        // What one long prompt leaves no room for is refused of it alone.
        isLasting &&= refusal.fault !== 'context_length';
        if (less !== undefined) refused = less;
        else if (signal.aborted || !this.learn(refusal, call)) throw refusal;
      }
    }
  }

  private assertReady(signal: CancelSignal): void {
    if (signal.aborted) throw signal.reason;
    // The platform's own error about a bad header value would quote the key.
    if (!this.keyIsUsable)
      throw new ProviderError('authentication', 'The key cannot be sent in an HTTP header.');
  }

  private asProviderError(error: unknown, signal: CancelSignal): ProviderError {
    if (signal.aborted)
      return new ProviderError('aborted', 'The call was aborted.', { cause: signal.reason });
    const known = this.recognise(error);
    this.mask ??= new SecretMask(this.secrets.map((secret) => secret.reveal()));
    return publicError(known, this.mask);
  }

  /** By the class of what was thrown, and not by words that a vendor may have put into it. */
  private recognise(error: unknown): ProviderError {
    if (error instanceof ProviderError) return error;
    if (error instanceof VendorRefusal) return this.toError(error);
    return transportFault(error) ?? internalFault(error);
  }
}

/** A short value of a header is no secret, and blanking it would blank half of what a vendor says. */
const SHORTEST_SECRET_HEADER = 6;

function secretsOf({ apiKey, headers = [] }: ProviderConnection): SecretText[] {
  const values = headers
    .map(({ value }) => value)
    .filter((value) => value.reveal().length >= SHORTEST_SECRET_HEADER);
  return apiKey === null ? values : [apiKey, ...values];
}

/** What a refusal of the request itself says; undefined for any other failure. */
function wordsAboutRequest(error: unknown): RefusalWords | undefined {
  const isAboutIt = error instanceof VendorRefusal && (error.status === 400 || error.status === 422);
  return isAboutIt ? new RefusalWords(error.said) : undefined;
}

/** The SDKs hand it on to the transport, which asks no more of it than a `CancelSignal` has. */
function forSdk(signal: CancelSignal): AbortSignal {
  return signal as AbortSignal;
}
