import type { AIError } from '../../errors/ai.error.js';
import { fieldProblem, validationFailed } from '../../errors/field-problem.js';
import type { StatisticsRequest } from '../../interfaces/monitoring/statistics-report.interface.js';
import type { TimeRange } from '../statistics-cell.interface.js';
import { addDays, isTimezone, LocalTime } from './local-time.js';

const HOUR_MS = 3_600_000;

/** More lines than a chart or a table bears, and a year has 8,784. */
const MAX_HOURS = 10_000;

/** Nothing was counted before: this service did not exist. */
const BEGIN_OF_COUNTING = Date.UTC(2020, 0, 1);

/** So far may another replica's clock be ahead of ours. */
export const CLOCK_SKEW_MS = 24 * HOUR_MS;

/** Days covered where no start is named. */
const DEFAULT_DAYS = 30;

/** Three digits or fewer are no year of ours, and a typing error more often than not. */
const DATE = /^[12]\d{3}-\d\d-\d\d$/;
/** RFC 3339, seconds and offset optional; a space before the offset is a `+` that was not escaped in the query. */
const DATE_TIME =
  /^([12]\d{3}-\d\d-\d\d)T((?:[01]\d|2[0-3]):[0-5]\d)(:[0-5]\d(?:\.\d{1,9})?)?(Z|[+ -](?:[01]\d|2[0-3]):[0-5]\d)?$/;

type Moment = { kind: 'date'; date: string } | { kind: 'instant'; instant: number };

/**
 * The span that a request for statistics means. A date is that whole day in the time zone, both ends included; a
 * date-time is exact, and without an offset it is one of the time zone.
 * @throws AIError `VALIDATION_FAILED`, with a line for each field that is wrong
 */
export function rangeOf(request: StatisticsRequest, now: number): TimeRange {
  const { timezone = 'UTC', groupBy } = request;
  if (!isTimezone(timezone)) throw invalid(['timezone must be an IANA time zone, such as Europe/Berlin']);
  const range = readRange(request, new LocalTime(timezone), now);
  if (range.from >= range.to) throw invalid(['startDate must not be after endDate']);
  const { from, to } = countedPart(range, now) ?? range;
  if (groupBy === 'hour' && to.getTime() - from.getTime() > MAX_HOURS * HOUR_MS) {
    throw invalid([
      `startDate is more than ${MAX_HOURS} hours before endDate; ask for less, or group by day`,
    ]);
  }
  return range;
}

/** The part of a range in which something can have been counted, if there is one. */
export function countedPart({ from, to }: TimeRange, now: number): TimeRange | null {
  const first = Math.max(from.getTime(), BEGIN_OF_COUNTING);
  const end = Math.min(to.getTime(), now + CLOCK_SKEW_MS);
  return first < end ? { from: new Date(first), to: new Date(end) } : null;
}

function readRange({ startDate, endDate }: StatisticsRequest, clocks: LocalTime, now: number): TimeRange {
  const start = startDate === undefined ? undefined : readMoment(startDate, clocks);
  const end = endDate === undefined ? undefined : readMoment(endDate, clocks);
  const problems = Object.entries({ startDate: start, endDate: end })
    .filter(([, moment]) => moment === null)
    .map(([field]) => `${field} must be a date (YYYY-MM-DD) or a date-time (YYYY-MM-DDThh:mm:ssZ)`);
  if (problems.length > 0) throw invalid(problems);
  const to = endOf(end ?? { kind: 'date', date: clocks.dateAt(now) }, clocks);
  const firstDay = addDays(clocks.dateAt(to - 1), 1 - DEFAULT_DAYS);
  return { from: new Date(start ? startOf(start, clocks) : clocks.startOfDay(firstDay)), to: new Date(to) };
}

function readMoment(text: string, clocks: LocalTime): Moment | null {
  if (DATE.test(text)) return isCalendarDate(text) ? { kind: 'date', date: text } : null;
  const [, date, minutes, seconds = ':00', offset] = DATE_TIME.exec(text) ?? [];
  if (date === undefined || minutes === undefined || !isCalendarDate(date)) return null;
  const milliseconds = Date.parse(`${date}T${minutes}${seconds}Z`);
  if (offset === undefined) {
    return { kind: 'instant', instant: clocks.instantOf(new Date(milliseconds).toISOString().slice(0, -1)) };
  }
  return { kind: 'instant', instant: Date.parse(`${date}T${minutes}${seconds}${offset.replace(' ', '+')}`) };
}

function isCalendarDate(date: string): boolean {
  const parsed = new Date(`${date}T00:00:00.000Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(date);
}

function startOf(moment: Moment, clocks: LocalTime): number {
  return moment.kind === 'date' ? clocks.startOfDay(moment.date) : moment.instant;
}

/** The first moment that does not belong to it. */
function endOf(moment: Moment, clocks: LocalTime): number {
  return moment.kind === 'date' ? clocks.startOfDay(addDays(moment.date, 1)) : moment.instant + 1;
}

function invalid(problems: string[]): AIError {
  return validationFailed(problems.map(fieldProblem));
}
