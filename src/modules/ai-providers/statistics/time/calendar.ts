import type { StatisticsQuery } from '../statistics-cell.interface.js';
import { LocalTime } from './local-time.js';

const HOUR_MS = 3_600_000;

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
  private readonly clocks: LocalTime;

  constructor(timezone: string) {
    this.clocks = new LocalTime(timezone);
  }

  beginOf(step: 'hour' | 'day' | 'month', time: number): number {
    const local = this.clocks.at(time);
    if (step === 'hour') return time - modulo(local, HOUR_MS);
    return this.clocks.instantAt(beginOfLocal(step, local));
  }

  /** The begin of the step after the one that begins at `begin`; always later. */
  next(step: 'hour' | 'day' | 'month', begin: number): number {
    if (step === 'hour') {
      const next = this.beginOf('hour', begin + HOUR_MS);
      return next > begin ? next : begin + HOUR_MS;
    }
    const local = beginOfLocal(step, this.clocks.at(begin));
    const date = new Date(local);
    if (step === 'day') date.setUTCDate(date.getUTCDate() + 1);
    else date.setUTCMonth(date.getUTCMonth() + 1);
    return this.clocks.instantAt(date.getTime());
  }
}

function beginOfLocal(step: 'day' | 'month', local: number): number {
  const date = new Date(local);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), step === 'day' ? date.getUTCDate() : 1);
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}
