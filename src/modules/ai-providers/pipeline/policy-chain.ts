import type {
  CacheStatus,
  CompletionChunk,
  CompletionResponse,
  CompletionWarning,
  StoredAnswer,
} from '../interfaces/completion.interface.js';
import type { SharedStream } from '../policies/cache/shared-stream.js';
import type { SingleFlight } from '../policies/cache/single-flight.js';
import type { Policy, PolicyRequest, PolicyTurn } from '../policies/policy.interface.js';

/** What the policies make of a request before a provider is asked: one of them may have the answer. */
export interface PolicyDecision {
  readonly answer?: StoredAnswer;
  readonly followed?: SharedStream;
}

/** No policy has the answer: a provider is asked. */
const ASK: PolicyDecision = {};

/** Of a policy that has nothing to do with a request. */
const NO_TURN: PolicyTurn = { wantsAnswer: false };

/** The turns of all policies for one request: asked in order, and ended in the opposite order. */
export class PolicyChain {
  private turns: PolicyTurn[] = [];

  constructor(
    private readonly policies: readonly Policy[],
    private readonly request: PolicyRequest,
  ) {}

  /**
   * Asks the policies until one has the answer. Where the stream that a policy named has failed, it and those behind it are asked
   * again. A promise only where a policy waits.
   * @throws AIError of a policy that refuses the request
   */
  before(): PolicyDecision | Promise<PolicyDecision> {
    for (let place = this.turns.length; place < this.policies.length; place += 1) {
      const turn = this.policies[place]?.before(this.request) ?? NO_TURN;
      if (turn instanceof Promise)
        return turn.then((settled) => this.take(settled ?? NO_TURN) ?? this.before());
      const decision = this.take(turn);
      if (decision) return decision;
    }
    return ASK;
  }

  /** Whether the stream that was followed, and has failed with `error`, is forgotten and `before` may be asked anew. */
  mayStartOver(error: unknown): boolean {
    const last = this.turns.at(-1);
    if (last?.mayStartOver?.(error) !== true) return false;
    this.turns.pop();
    last.end?.(error);
    return true;
  }

  /** Whether the caller's answer is one that was given before. */
  get cacheStatus(): CacheStatus {
    return this.turns.find((turn) => turn.cacheStatus)?.cacheStatus ?? 'BYPASS';
  }

  /** Where other requests follow this one. */
  get singleFlight(): SingleFlight | undefined {
    return this.turns.find((turn) => turn.singleFlight)?.singleFlight;
  }

  /** Whether a stream is to be held until its end, since a policy wants it as a whole. */
  get wantsAnswer(): boolean {
    return this.turns.some((turn) => turn.wantsAnswer);
  }

  /** What the policies do otherwise than the request asks. */
  get warnings(): readonly CompletionWarning[] {
    return this.turns.flatMap(({ warnings = [] }) => warnings);
  }

  /** The stream has become too long to be held. */
  discard(): void {
    for (const turn of this.turns) turn.discard?.();
  }

  /** Chunks are about to go to the caller. @throws AIError of a policy that ends the stream */
  onPart(chunks: readonly CompletionChunk[]): void {
    for (const turn of this.turns) turn.onPart?.(chunks);
  }

  /** A provider's whole answer is about to go to the caller. @throws AIError of a policy that refuses it */
  after(response: CompletionResponse): void {
    for (const turn of this.turns.toReversed()) if (turn.wantsAnswer) turn.after?.(response);
  }

  /** The request is over; `error` is undefined for an answer. */
  end(error: unknown): void {
    const { turns } = this;
    this.turns = [];
    for (const turn of turns.reverse()) turn.end?.(error);
  }

  private take(turn: PolicyTurn): PolicyDecision | null {
    this.turns.push(turn);
    return turn.answer || turn.followed ? turn : null;
  }
}
