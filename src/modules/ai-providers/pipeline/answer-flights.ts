import type { Clock } from '../interfaces/clock.interface.js';
import type { StoredAnswer } from '../interfaces/completion.interface.js';
import type { RequestDeadline } from './request-deadline.js';

/**
 * How a leader ended: with an answer, with a failure, or by leaving for reasons of its own. After a failure whoever
 * waited asks for himself; after a departure one of them leads.
 */
export type FlightOutcome = { answer: StoredAnswer } | 'failed' | 'left';

/** Between two looks whether a leader's reader has stopped reading, and how long that is borne with. */
const STALL_MS = 1_000;

/** One request on its way for all that ask the same meanwhile. */
export class AnswerFlight {
  private readonly followers = new Set<(outcome: FlightOutcome) => void>();
  private outcome: FlightOutcome | undefined;
  private heldSince: number | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly onEnd: () => void,
  ) {}

  /** The leader's reader has its chunks: until it wants more the flight does not move. */
  hold(): void {
    this.heldSince = this.clock.monotonic();
  }

  resume(): void {
    this.heldSince = null;
  }

  /** Whether a slow reader has held it up for longer than others should bear with. */
  get isStalled(): boolean {
    return this.heldSince !== null && this.clock.monotonic() - this.heldSince >= STALL_MS;
  }

  /** A second call changes nothing. */
  end(outcome: FlightOutcome): void {
    if (this.outcome !== undefined) return;
    this.outcome = outcome;
    this.onEnd();
    for (const follower of this.followers) follower(outcome);
  }

  /**
   * How it ended. A leader that is held up by a slow reader counts as failed: its followers shall not wait for him.
   * @throws AIError when `deadline` ends first
   */
  wait(deadline: RequestDeadline): Promise<FlightOutcome> {
    if (this.outcome !== undefined) return Promise.resolve(this.outcome);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        cancelLook();
        unfollow();
        this.followers.delete(land);
      };
      const land = (outcome: FlightOutcome): void => {
        leave();
        resolve(outcome);
      };
      const look = (): void => {
        if (this.isStalled) land('failed');
        else cancelLook = this.clock.schedule(STALL_MS, look);
      };
      let cancelLook = this.clock.schedule(STALL_MS, look);
      let unfollow: () => void = () => undefined;
      this.followers.add(land);
      unfollow = deadline.onAbort(() => {
        leave();
        reject(deadline.reason ?? new Error('The request was aborted without a reason'));
      });
    });
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
