import { offsetsOf, type ZoneOffsets } from './zone-offsets.js';

const DAY_MS = 86_400_000;

/** Form of a local time as text, so that texts compare as times do. */
const MIDNIGHT = 'T00:00:00.000';

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
    return new Date(this.at(instant)).toISOString().slice(0, -1);
  }

  /** The date there: `2024-03-31`. */
  dateAt(instant: number): string {
    return this.textAt(instant).slice(0, 10);
  }

  /** What the clocks show at that moment, as the milliseconds at which those of UTC show it. */
  at(instant: number): number {
    return instant + this.offsets.at(instant);
  }

  /** As `instantAt`, of a text. */
  instantOf(text: string): number {
    return this.instantAt(Date.parse(`${text}Z`));
  }

  /**
   * When the clocks show `local`, milliseconds as `at` gives them: the first time where they show it twice, the moment of the
   * change where they skip it.
   */
  instantAt(local: number): number {
    const before = this.offsets.at(local - DAY_MS);
    const after = this.offsets.at(local + DAY_MS);
    const early = local - Math.max(before, after);
    const late = local - Math.min(before, after);
    for (const instant of [early, late]) if (this.at(instant) === local) return instant;
    let low = early;
    let high = late;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.at(middle) < local) low = middle;
      else high = middle;
    }
    return high;
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
