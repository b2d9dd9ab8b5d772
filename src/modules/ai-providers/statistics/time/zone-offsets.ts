const DAY_MS = 24 * 3_600_000;

/** As many zones are kept as are likely to be asked for by turns, and as many of their midnights as 27 years have. */
const KEPT_ZONES = 16;
const KEPT_MIDNIGHTS = 10_000;

const kept = new Map<string, ZoneOffsets>();

/** The offsets of a time zone, what was read of them before included. Throws RangeError for a zone unknown to ICU. */
export function offsetsOf(timezone: string): ZoneOffsets {
  const offsets = kept.get(timezone) ?? new ZoneOffsets(timezone);
  kept.delete(timezone);
  kept.set(timezone, offsets);
  const [oldest = timezone] = kept.keys();
  if (kept.size > KEPT_ZONES) kept.delete(oldest);
  return offsets;
}

/** How far the clocks of one time zone are ahead of UTC. */
export class ZoneOffsets {
  private readonly format: Intl.DateTimeFormat;
  /** At midnights of UTC. */
  private readonly midnights = new Map<number, number>();

  constructor(timezone: string) {
    this.format = new Intl.DateTimeFormat('en-US', {
      timeZone: timezone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  }

  /** In milliseconds, at a moment. Between two midnights of UTC of the same offset it never differs. */
  at(instant: number): number {
    const day = Math.floor(instant / DAY_MS) * DAY_MS;
    const offset = this.atMidnight(day);
    return offset === this.atMidnight(day + DAY_MS) ? offset : this.read(instant);
  }

  private atMidnight(day: number): number {
    const known = this.midnights.get(day);
    if (known !== undefined) return known;
    const offset = this.read(day);
    if (this.midnights.size >= KEPT_MIDNIGHTS) this.midnights.clear();
    this.midnights.set(day, offset);
    return offset;
  }

  /** Dear: some 10 µs. */
  private read(instant: number): number {
    const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
    for (const { type, value } of this.format.formatToParts(instant)) parts[type] = Number(value);
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(instant / 1000) * 1000;
  }
}
