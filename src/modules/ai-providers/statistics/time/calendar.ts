import type { StatisticsQuery } from '../statistics-cell.interface.js';
import { offsetsOf, type ZoneOffsets } from './zone-offsets.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A step of time; times are milliseconds since the epoch. */
export interface Step {
  /** Where the whole step begins, which may be before the range asked for. */
  begin: number;
  /** The part of it that belongs to the range. */
  from: number;
  to: number;
}

/** The steps of `query`, without gap or overlap, earliest first. Throws a RangeError for a time zone unknown to ICU. */
export function stepsOf({ from, to, step, timezone }: StatisticsQuery): Step[] {
  const start = from.getTime();
  const end = to.getTime();
  if (start >= end) return [];
  if (step === 'total') return [{ begin: start, from: start, to: end }];
  const calendar = new Calendar(timezone);
  const steps: Step[] = [];
  for (let begin = calendar.beginOf(step, start); begin < end;) {
    const next = calendar.next(step, begin);
    steps.push({ begin, from: Math.max(begin, start), to: Math.min(next, end) });
    begin = next;
  }
  return steps;
}

/** Where hours, days and months begin in one time zone. */
class Calendar {
  private readonly offsets: ZoneOffsets;

  constructor(timezone: string) {
    this.offsets = offsetsOf(timezone);
  }

  beginOf(step: 'hour' | 'day' | 'month', time: number): number {
    const offset = this.offsets.at(time);
    const local = time + offset;
    if (step === 'hour') return time - modulo(local, HOUR_MS);
    return this.instantOf(beginOfLocal(step, local));
  }

  /** The begin of the step after the one that begins at `begin`; always later. */
  next(step: 'hour' | 'day' | 'month', begin: number): number {
    if (step === 'hour') {
      const next = this.beginOf('hour', begin + HOUR_MS);
      return next > begin ? next : begin + HOUR_MS;
    }
    const local = beginOfLocal(step, begin + this.offsets.at(begin));
    const date = new Date(local);
    if (step === 'day') date.setUTCDate(date.getUTCDate() + 1);
    else date.setUTCMonth(date.getUTCMonth() + 1);
    return this.instantOf(date.getTime());
  }

  /**
   * When the clocks there show `local` (as if it were UTC): the first time where they show it twice, the moment of the
   * change where they skip it.
   */
  private instantOf(local: number): number {
    const before = this.offsets.at(local - DAY_MS);
    const after = this.offsets.at(local + DAY_MS);
    const early = local - Math.max(before, after);
    const late = local - Math.min(before, after);
    for (const instant of [early, late]) if (instant + this.offsets.at(instant) === local) return instant;
    let low = early;
    let high = late;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (middle + this.offsets.at(middle) < local) low = middle;
      else high = middle;
    }
    return high;
  }
}

function beginOfLocal(step: 'day' | 'month', local: number): number {
  const date = new Date(local);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), step === 'day' ? date.getUTCDate() : 1);
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
