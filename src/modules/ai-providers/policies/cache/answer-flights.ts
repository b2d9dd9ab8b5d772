import type { StoredAnswer } from '../../interfaces/completion.interface.js';
import type { Clock } from '../../interfaces/clock.interface.js';
import type { RequestDeadline } from '../../resilience/request-deadline.js';
import type { SharedStream } from './shared-stream.js';

/** How a leader ended: with an answer, with a failure, or for reasons of its own that say nothing to its followers. */
export type FlightOutcome = { answer: StoredAnswer } | { failure: unknown } | 'left';

/** For so long nobody may want more of a stream before other replicas stop waiting for it. */
const STALL_MS = 1_000;

/** One request on its way for all that ask the same meanwhile. */
export class AnswerFlight {
  private readonly followers = new Set<() => void>();
  private outcome: FlightOutcome | undefined;
  private shared: SharedStream | undefined;
  private idleSince: number | null = null;
  private onDeserted: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly onEnd: () => void,
  ) {}

  /** The leader's answer comes as a stream: followers hear it from now on as it comes. */
  share(stream: SharedStream): void {
    this.shared = stream;
    this.tellFollowers();
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
  end(outcome: FlightOutcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    this.onEnd();
    this.tellFollowers();
  }

  /**
   * How it ended; with `live`, its stream as soon as there is one.
   * @throws AIError when `deadline` ends first
   */
  async wait(deadline: RequestDeadline, live: boolean): Promise<FlightOutcome | SharedStream> {
    while (this.outcome === undefined) {
      if (this.shared === undefined) await this.news(deadline);
      else if (live) return this.shared;
      else if (!(await this.shared.readThrough(deadline, () => this.outcome !== undefined))) return 'left';
    }
    return this.outcome;
  }

  private news(deadline: RequestDeadline): Promise<void> {
    return new Promise((resolve, reject) => {
      let unfollow: () => void = () => undefined;
      const leave = (): void => {
        unfollow();
        this.followers.delete(hear);
      };
      const hear = (): void => {
        leave();
        resolve();
      };
      this.followers.add(hear);
      unfollow = deadline.onAbort((reason) => {
        leave();
        reject(reason);
        if (this.followers.size === 0) this.onDeserted?.();
      });
    });
  }

  private tellFollowers(): void {
    for (const hear of [...this.followers]) hear();
  }
}

/** The requests on their way, by what tells their answers apart. */
export class AnswerFlights {
  private readonly open = new Map<string, AnswerFlight>();

  constructor(private readonly clock: Clock) {}

  find(key: string): AnswerFlight | undefined {
    return this.open.get(key);
  }

  /** Leads from now on, until the flight ends. */
  lead(key: string): AnswerFlight {
    const flight = new AnswerFlight(this.clock, () => {
      if (this.open.get(key) === flight) this.open.delete(key);
    });
    this.open.set(key, flight);
    return flight;
  }
}
