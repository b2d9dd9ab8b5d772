import { offsetsOf, type ZoneOffsets } from './zone-offsets.js';

/** Form of a local time as text, so that texts compare as times do. */
const MIDNIGHT = 'T00:00:00.000';

/** No zone was ever further from UTC (Manila until 1844: -15:56), with a margin for a change of offset. */
const WIDEST_OFFSET_MS = 26 * 3_600_000;

/**
 * The clocks of one time zone, for years of four digits. Texts are ISO 8601 without offset and down to milliseconds.
 * Throws RangeError for a zone that there is not.
 */
export class LocalTime {
  private readonly offsets: ZoneOffsets;

  constructor(timezone: string) {
    this.offsets = offsetsOf(timezone);
  }

  /** What the clocks show at that moment: `2024-03-31T03:00:00.000`. */
  textAt(instant: number): string {
    return new Date(instant + this.offsets.at(instant)).toISOString().slice(0, -1);
  }

  /** The date there: `2024-03-31`. */
  dateAt(instant: number): string {
    return this.textAt(instant).slice(0, 10);
  }

  /** The first moment at which the clocks show that or later: a time that a change of clocks skips is when it ends. */
  instantOf(text: string): number {
    const asUtc = Date.parse(`${text}Z`);
    let before = asUtc - WIDEST_OFFSET_MS;
    let after = asUtc + WIDEST_OFFSET_MS;
    const offset = this.offsets.at(before);
    if (offset === this.offsets.at(after)) return asUtc - offset;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (this.textAt(middle) >= text) after = middle;
      else before = middle;
    }
    return after;
  }

  /** The moment at which a date begins. */
  startOfDay(date: string): number {
    return this.instantOf(date + MIDNIGHT);
  }
}

/** An IANA name; an offset such as `+02:00` is none, and databases read it the other way round. */
export function isTimezone(name: string): boolean {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    return new LocalTime(name) instanceof LocalTime;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

/** The date so many days later, or earlier. */
export function addDays(date: string, days: number): string {
  const day = new Date(`${date}T00:00:00.000Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
