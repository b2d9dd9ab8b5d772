import type {
  CompletionResponse,
  CompletionWarning,
  FinishReason,
  StoredAnswer,
} from '../../interfaces/completion.interface.js';
import type { PolicyTurn } from '../policy.interface.js';
import { isOwnEnd, type SingleFlight, type SingleFlightOutcome } from './single-flight.js';

/** How answers end that are whole: one that a filter or an unknown reason ended is shown, but not again. */
const WHOLE: readonly FinishReason[] = ['stop', 'length', 'tool_calls'];

/** The turn of a request that asks a provider, and stores its answer for those that ask the same. */
export class LeaderTurn implements PolicyTurn {
  readonly cacheStatus = 'MISS';
  private isStored = true;
  private given: StoredAnswer | undefined;

  /** @param release lets other replicas ask; undefined where there are none */
  constructor(
    readonly warnings: readonly CompletionWarning[] | undefined,
    readonly singleFlight: SingleFlight,
    private readonly store: (answer: StoredAnswer) => Promise<void>,
    private release: (() => void) | undefined,
  ) {}

  get wantsAnswer(): boolean {
    return this.isStored;
  }

  after(response: CompletionResponse): void {
    if (!this.isStored) return;
    const { id, latency, cached, attempts, ...rest } = response;
    // What was said of the leader's own wishes is not said to others.
    this.given = { ...rest, warnings: rest.warnings.filter((one) => !this.warnings?.includes(one)) };
  }

  discard(): void {
    this.isStored = false;
    this.given = undefined;
    this.finish('abandoned');
  }

  /** Only now is it known that no other policy has refused the answer. */
  end(error: unknown): void {
    if (error === undefined && this.given) this.publish(this.given);
    else this.finish(isOwnEnd(error) ? 'abandoned' : { failure: error });
  }

  private publish(answer: StoredAnswer): void {
    const { release } = this;
    this.release = undefined;
    const stored = WHOLE.includes(answer.finishReason) ? this.store(answer) : Promise.resolve();
    // The answer is stored before another replica may claim the key: it looks for it at once.
    if (release) void stored.then(release);
    this.singleFlight.end({ answer });
  }

  private finish(outcome: SingleFlightOutcome): void {
    this.release?.();
    this.release = undefined;
    this.singleFlight.end(outcome);
  }
}
