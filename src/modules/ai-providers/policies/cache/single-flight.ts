import { AIError } from '../../errors/ai.error.js';
import type { AIErrorCode } from '../../interfaces/error-code.interface.js';
import type { StoredAnswer } from '../../interfaces/completion.interface.js';
import type { Clock } from '../../interfaces/clock.interface.js';
import type { RequestDeadline } from '../../resilience/request-deadline.js';
import type { SharedStream } from './shared-stream.js';

/** How a leader ended: with an answer, with a failure, or for reasons of its own that say nothing to its followers. */
export type SingleFlightOutcome = { answer: StoredAnswer } | { failure: unknown } | 'abandoned';

/** Errors of the leader's own, or of ours: they say nothing about the request, nor about the providers. */
const OWN_ENDS: readonly AIErrorCode[] = [
  'CLIENT_CLOSED_REQUEST',
  'DEADLINE_EXCEEDED',
  'SHUTTING_DOWN',
  'INTERNAL',
];

/** Whether a leader that ended with `error` ended for reasons of its own. */
export function isOwnEnd(error: unknown): boolean {
  return !(error instanceof AIError) || OWN_ENDS.includes(error.code);
}

/** A stream of which no reader has wanted more for so long is no longer waited for by other replicas. */
const STALL_MS = 1_000;

/** One request that asks for all that ask the same meanwhile: the leader's; the others are its followers. */
export class SingleFlight {
  private readonly followers = new Set<() => void>();
  private outcome: SingleFlightOutcome | undefined;
  private shared: SharedStream | undefined;
  private idleSince: number | null = null;
  private onDeserted: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onEnd: () => void,
  ) {}

  /** The leader's answer comes as a stream: followers wake it from now on as it comes. */
  share(stream: SharedStream): void {
    this.shared = stream;
    this.notifyFollowers();
  }

  /** Whether its readers, all of them, have held a stream up for longer than others should bear with. */
  isStalled(): boolean {
    if (this.shared?.isIdle !== true) this.idleSince = null;
    else this.idleSince ??= this.clock.monotonic();
    return this.idleSince !== null && this.clock.monotonic() - this.idleSince >= STALL_MS;
  }

  /**
   * The caller of a leader that answers as a whole has left. True where the work goes on for those who follow;
   * `onDeserted` is called when they have left too.
   */
  goesOn(onDeserted: () => void): boolean {
    this.onDeserted = onDeserted;
    return this.followers.size > 0;
  }

  /** A second call changes nothing. */
  end(outcome: SingleFlightOutcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    this.onEnd();
    this.notifyFollowers();
  }

  /**
   * How it ended; with `live`, its stream as soon as there is one.
   * @throws AIError when `deadline` ends first
   */
  async wait(deadline: RequestDeadline, live: boolean): Promise<SingleFlightOutcome | SharedStream> {
    while (this.outcome === undefined) {
      if (this.shared === undefined) await this.change(deadline);
      else if (live) return this.shared;
      else if (!(await this.shared.readThrough(deadline, () => this.outcome !== undefined)))
        return 'abandoned';
    }
    return this.outcome;
  }

  private change(deadline: RequestDeadline): Promise<void> {
    return new Promise((resolve, reject) => {
      let unfollow: () => void = () => undefined;
      const leave = (): void => {
        unfollow();
        this.followers.delete(wake);
      };
      const wake = (): void => {
        leave();
        resolve();
      };
      this.followers.add(wake);
      unfollow = deadline.onAbort((reason) => {
        leave();
        reject(reason);
        if (this.followers.size === 0) this.onDeserted?.();
      });
    });
  }

  private notifyFollowers(): void {
    for (const wake of [...this.followers]) wake();
  }
}

/** The single flights under way, by the key of their answers. */
export class SingleFlightGroup {
  private readonly open = new Map<string, SingleFlight>();

  constructor(private readonly clock: Clock) {}

  find(key: string): SingleFlight | undefined {
    return this.open.get(key);
  }

  /** Leads from now on, until its end. */
  lead(key: string): SingleFlight {
    const flight = new SingleFlight(this.clock, () => {
      if (this.open.get(key) === flight) this.open.delete(key);
    });
    this.open.set(key, flight);
    return flight;
  }
}
