/** The header access that every SDK's errors and every response offer. */
export interface HeaderBag {
  get(name: string): string | null;
}

/** Beyond this a wait means the same as "never"; it keeps the sum with a clock exact. Ten years in milliseconds. */
const MAX_WAIT_MS = 10 * 365 * 24 * 3_600_000;

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const IMF_FIXDATE = /^\w{3}, (\d{2}) (\w{3}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const RFC_850 = /^\w{6,9}, (\d{2})-(\w{3})-(\d{2}) (\d{2}):(\d{2}):(\d{2}) GMT$/;
const ASCTIME = /^\w{3} (\w{3}) ([ \d]\d) (\d{2}):(\d{2}):(\d{2}) (\d{4})$/;

/**
 * How long the server asks us to stay away, in milliseconds from `now`; undefined where it does not say, or not in a
 * form that can be read. `retry-after-ms` (OpenAI, Azure) goes before `retry-after`, which is seconds or an HTTP date
 * (RFC 9110 §10.2.3); fractions of a second are taken too, since vendors send them. A date gone by is 0.
 */
export function retryAfterMs(headers: HeaderBag, now: number): number | undefined {
  const millis = decimal(headers.get('retry-after-ms'));
  if (millis !== undefined) return bounded(millis);
  const value = headers.get('retry-after')?.trim();
  if (value === undefined) return undefined;
  const seconds = decimal(value);
  if (seconds !== undefined) return bounded(seconds * 1000);
  const date = parseHttpDate(value, now);
  return date === undefined ? undefined : bounded(date - now);
}

/**
 * An HTTP date in any of its three forms (RFC 9110 §5.6.7) as milliseconds since the epoch; undefined for anything else.
 * `Date.parse` is not used: it takes much that is no HTTP date, and reads the asctime form as local time. `now` decides
 * the century of a two-digit year: one more than 50 years ahead is past.
 */
export function parseHttpDate(text: string, now: number): number | undefined {
  const imf = IMF_FIXDATE.exec(text);
  if (imf) return utc(imf[3], imf[2], imf[1], imf.slice(4));
  const asctime = ASCTIME.exec(text);
  if (asctime) return utc(asctime[6], asctime[1], asctime[2], asctime.slice(3, 6));
  const rfc850 = RFC_850.exec(text);
  if (!rfc850) return undefined;
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - (thisYear % 100) + Number(rfc850[3]);
  return utc(String(year > thisYear + 50 ? year - 100 : year), rfc850[2], rfc850[1], rfc850.slice(4));
}

function utc(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  time: string[],
): number | undefined {
  const monthIndex = MONTHS.indexOf(month ?? '');
  const [hours = NaN, minutes = NaN, seconds = NaN] = time.map(Number);
  const dayOfMonth = Number(day);
  const lastDay = new Date(Date.UTC(Number(year), monthIndex + 1, 0)).getUTCDate();
  if (monthIndex < 0 || dayOfMonth < 1 || dayOfMonth > lastDay) return undefined;
  // 60 is a leap second, which the grammar allows.
  if (hours > 23 || minutes > 59 || seconds > 60) return undefined;
  return Date.UTC(Number(year), monthIndex, dayOfMonth, hours, minutes, seconds);
}

function decimal(text: string | null): number | undefined {
  return text !== null && /^\d+(\.\d+)?$/.test(text.trim()) ? Number(text) : undefined;
}

function bounded(millis: number): number {
  return Math.min(Math.max(0, Math.ceil(millis)), MAX_WAIT_MS);
}
