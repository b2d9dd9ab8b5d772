import { NOTHING_REFUSED } from '../../dialects/fit.js';
import type { Refused } from '../../dialects/fit.js';
import { AIError } from '../../errors/ai.error.js';
import { internalFault, ProviderError } from '../../errors/provider.error.js';
import type { AIProviderConfig } from '../../interfaces/ai-provider.interface.js';
import type { CancelSignal, CancelSource } from '../../interfaces/cancel-signal.interface.js';
import type { Clock } from '../../interfaces/clock.interface.js';
import type { ProviderCall } from '../../interfaces/ai-adapter.interface.js';
import type { Bill, ChargedPrices, ReportedUsage } from '../../interfaces/usage.interface.js';
import type { Operation } from '../../operations/operation.interface.js';
import type { Deployment } from '../../models/deployment.js';
import type { AdmittedAttempt, AttemptEnding } from '../../admission/admission.ports.js';
import { AttemptWatchdog } from './attempt-watchdog.js';
import { ReceivedAnswer } from './received-answer.js';
import type { RequestDeadline } from '../../resilience/request-deadline.js';

/**
 * One try at one provider: its abort signal, derived from the request's, its deadlines, and those who want to know how
 * it ended. A try of a stream lives until the stream is over.
 */
export class AttemptScope implements AdmittedAttempt {
  readonly watchdog: AttemptWatchdog;
  private readonly listeners: ((ending: AttemptEnding) => void)[] = [];
  private readonly unfollow: () => void;
  private settled = false;
  private sentAt: number | undefined;
  private firstContentAt: number | undefined;

  constructor(
    private readonly operation: Pick<
      Operation<unknown, ProviderCall, unknown>,
      'tokensToReserve' | 'promptTokensOf'
    >,
    readonly deployment: Deployment,
    /** What is sent. */
    readonly call: ProviderCall,
    readonly tryNumber: number,
    /** Whether another provider could be asked instead. */
    readonly othersLeft: boolean,
    deadline: RequestDeadline,
    private readonly clock: Clock,
    private readonly source: CancelSource,
  ) {
    this.watchdog = new AttemptWatchdog(clock, (error) => source.abort(error));
    this.unfollow = deadline.onAbort(({ message }) => source.abort(new ProviderError('aborted', message)));
  }

  get provider(): AIProviderConfig {
    return this.deployment.provider;
  }

  get tokensToReserve(): number {
    return this.operation.tokensToReserve(this.call, this.deployment);
  }

  get promptTokens(): number {
    return this.operation.promptTokensOf(this.call);
  }

  get signal(): CancelSignal {
    return this.source;
  }

  /** What has come so far, of a stream. */
  readonly received = new ReceivedAnswer();
  /** What the deployment refused and was asked without. */
  refused: Refused = NOTHING_REFUSED;
  /** What it is billed, once it is over. */
  bill: Bill | null = null;
  /**
   * Resolves once the shared state has the end of the try and this replica has read what follows from it; never rejects.
   * Undefined: there is nothing to wait for.
   */
  replicasInformed: Promise<void> | undefined;
  /** Usage reported so far, of a stream. */
  reportedUsage: ReportedUsage | undefined;

  /** What the deployment that is asked charges. */
  get prices(): ChargedPrices | null {
    return this.deployment.terms.prices;
  }

  /** The call goes out now: starts the deadline of the attempt, in milliseconds. */
  markSent(limitMs: number): void {
    this.sentAt = this.clock.monotonic();
    this.watchdog.limit('attempt', limitMs);
  }

  markFirstContent(): void {
    this.firstContentAt ??= this.clock.monotonic();
  }

  /** Milliseconds since the call went out. */
  get elapsed(): number {
    return this.sentAt === undefined ? 0 : this.clock.monotonic() - this.sentAt;
  }

  /** Milliseconds from the call to the first content of a stream. */
  get timeToFirstToken(): number | null {
    return this.sentAt === undefined || this.firstContentAt === undefined
      ? null
      : this.firstContentAt - this.sentAt;
  }

  /**
   * What `thrown` means for this try: our own abort of it explains whatever the adapter made of that. What is no
   * `ProviderError` is a fault of ours.
   * @throws AIError as it is: the request itself is over, and the try is given back.
   */
  explain(thrown: unknown): ProviderError {
    if (this.signal.aborted && this.signal.reason instanceof ProviderError) return this.signal.reason;
    if (thrown instanceof ProviderError) return thrown;
    if (!(thrown instanceof AIError)) return internalFault(thrown);
    this.settle({ outcome: 'not_sent' });
    throw thrown;
  }

  /** Whether it has been settled. */
  get isOver(): boolean {
    return this.settled;
  }

  /** Calls `listener` once, when the try is over. */
  onSettled(listener: (ending: AttemptEnding) => void): void {
    this.listeners.push(listener);
  }

  /**
   * The try is over; a second call changes nothing. Every listener is called, whatever another one throws: a slot that is
   * not given back is lost until the restart. The first error thrown is rethrown once all have been called.
   */
  settle(ending: AttemptEnding): void {
    if (this.settled) return;
    this.settled = true;
    this.watchdog.stop();
    this.unfollow();
    const thrown: unknown[] = [];
    for (const listener of this.listeners) {
      try {
        listener(ending);
      } catch (error) {
        thrown.push(error);
      }
    }
    if (thrown.length > 0) throw thrown[0];
  }
}
