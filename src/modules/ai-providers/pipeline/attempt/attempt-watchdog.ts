import { ProviderError } from '../../errors/provider.error.js';
import type { TimeoutPhase } from '../../interfaces/attempt.interface.js';
import type { Clock } from '../../interfaces/clock.interface.js';

type WatchedPhase = Extract<TimeoutPhase, 'attempt' | 'first_token' | 'idle'>;

/** The phases, and `quiet`: signs of life come, but no content. */
type Watched = WatchedPhase | 'quiet';

const PHASES = ['attempt', 'first_token', 'idle', 'quiet'] as const satisfies readonly Watched[];

const MESSAGES: Readonly<Record<Watched, string>> = {
  attempt: 'The provider did not finish within',
  first_token: 'The provider sent no content within',
  idle: 'The provider fell silent for',
  quiet: 'The provider gave signs of life but no content for',
};

/**
 * The deadlines of one try. Moving a deadline back, as every event of a stream does, costs an assignment: the one
 * timer looks at what holds when it fires and goes on waiting.
 */
export class AttemptWatchdog {
  private readonly limits: Record<Watched, { at: number; ms: number }> = {
    attempt: { at: Infinity, ms: 0 },
    first_token: { at: Infinity, ms: 0 },
    idle: { at: Infinity, ms: 0 },
    quiet: { at: Infinity, ms: 0 },
  };
  private armedFor = Infinity;
  private pausedAt: number | undefined;
  private cancelTimer: (() => void) | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly expire: (error: ProviderError) => void,
  ) {}

  /** The phase must be over within `ms` from now. */
  limit(phase: Watched, ms: number): void {
    const limit = this.limits[phase];
    limit.ms = ms;
    // While time stands still it is the moment of the pause, from which all deadlines are moved.
    limit.at = (this.pausedAt ?? this.clock.monotonic()) + ms;
    if (this.pausedAt === undefined && limit.at < this.armedFor) this.arm(limit.at);
  }

  isLimited(phase: Watched): boolean {
    return this.limits[phase].at < Infinity;
  }

  /** The phase is over. */
  lift(phase: Watched): void {
    this.limits[phase].at = Infinity;
  }

  /** The request is not waiting for the provider now: no time is counted until `resume`. */
  pause(): void {
    this.pausedAt ??= this.clock.monotonic();
  }

  /** The provider is waited for again: every deadline moves by the length of the pause. */
  resume(): void {
    if (this.pausedAt === undefined) return;
    const pause = this.clock.monotonic() - this.pausedAt;
    this.pausedAt = undefined;
    for (const phase of PHASES) this.limits[phase].at += pause;
    const nearest = this.nearest();
    if (nearest < this.armedFor) this.arm(nearest);
  }

  /** Ends all watching. */
  stop(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.armedFor = Infinity;
  }

  private arm(at: number): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.armedFor = at;
    if (at === Infinity) return;
    this.cancelTimer = this.clock.schedule(Math.max(0, at - this.clock.monotonic()), () => this.look());
  }

  private look(): void {
    this.armedFor = Infinity;
    if (this.pausedAt !== undefined) return;
    const now = this.clock.monotonic();
    const over = PHASES.find((phase) => this.limits[phase].at <= now);
    if (over === undefined) this.arm(this.nearest());
    else
      this.expire(
        new ProviderError('timeout', `${MESSAGES[over]} ${this.limits[over].ms} ms`, {
          phase: over === 'quiet' ? 'idle' : over,
        }),
      );
  }

  private nearest(): number {
    const { attempt, first_token, idle, quiet } = this.limits;
    return Math.min(attempt.at, first_token.at, idle.at, quiet.at);
  }
}
