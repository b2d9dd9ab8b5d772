/** A worker that served for this long was in order: its end is no sign that the next one will end as well. */
const STEADY_MS = 10_000;

const FIRST_DELAY_MS = 100;
const LONGEST_DELAY_MS = 10_000;

/** After this many early ends in a row it is no accident. */
const EARLY_ENDS = 5;

/** How long to wait before an ended worker is replaced: ever longer while they end soon after their start. */
export class RestartBackoff {
  private earlyEnds = 0;

  /** Whether the last workers all ended early, too often to go on where no other worker serves. */
  get isHopeless(): boolean {
    return this.earlyEnds >= EARLY_ENDS;
  }

  /** Milliseconds until the next start, after a worker that has served for `servedMs`, 0 where it never did. */
  delayAfter(servedMs: number): number {
    this.earlyEnds = servedMs >= STEADY_MS ? 0 : this.earlyEnds + 1;
    return this.earlyEnds === 0 ? 0 : Math.min(FIRST_DELAY_MS * 2 ** (this.earlyEnds - 1), LONGEST_DELAY_MS);
  }
}
