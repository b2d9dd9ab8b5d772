const DAY_MS = 24 * 3_600_000;

/** How far the clocks of one time zone are ahead of UTC. Throws RangeError for a zone unknown to ICU. */
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
