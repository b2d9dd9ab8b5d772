import type { StatisticsCell, StatisticsQuery } from './statistics-cell.interface.js';
import { COUNTED_OUTCOMES } from '../ledger/rollups/counted-outcome.js';
import {
  AMOUNT_NAMES,
  DURATIONS,
  HISTOGRAMS,
  REQUEST_COUNTERS,
  TOKEN_COUNTERS,
  type Amount,
  type Counter,
  type Dimension,
  type Duration,
  type Histogram,
  type NumberGroup,
} from '../ledger/rollups/usage-columns.js';
import { SUM_NAMES, USAGE_COLUMN_NAMES, USAGE_RECORD } from '../ledger/rollups/usage-row.js';

/** What `sumUsage` gives for one step and what it is cut by: of the numbers only those that were asked for. */
export interface UsageSum
  extends
    Record<Exclude<Dimension, 'caller'>, string>,
    Partial<Record<Counter | Duration, number>>,
    Partial<Record<Amount | Histogram, string>> {
  /** Number of the step, from 1. */
  step: number;
  providerName: string;
  firstUsedAt: Date;
  lastUsedAt: Date;
}

const ALL_GROUPS: readonly NumberGroup[] = ['outcomes', 'tokens', 'money', 'latencies'];
const CUT_BY = ['providerId', 'model', 'operation'] as const;

/** How each column is added up, and in which reports it is. */
const SUMS: readonly { of: NumberGroup | 'all'; sql: string }[] = [
  // A count is exact as a double: there will never be 2^53 tokens.
  ...Object.entries(REQUEST_COUNTERS).map(([name, { of }]) => ({
    of,
    sql: `sum("${name}")::float8 AS "${name}"`,
  })),
  ...Object.keys(TOKEN_COUNTERS).map(
    (name) => ({ of: 'tokens', sql: `sum("${name}")::float8 AS "${name}"` }) as const,
  ),
  ...Object.entries(DURATIONS).map(([name, { of }]) => ({ of, sql: `sum("${name}") AS "${name}"` })),
  ...AMOUNT_NAMES.map(
    (name) => ({ of: 'money', sql: `trim_scale(sum("${name}"))::text AS "${name}"` }) as const,
  ),
  ...Object.entries(HISTOGRAMS).map(([name, { of, length }]) => ({ of, sql: sumOfLists(name, length) })),
];

/**
 * For one transaction: compiling the sums would take PostgreSQL longer than running it does, and with the usual 4 MB
 * it would sort a year of hours on disk instead of adding them up in memory.
 */
export const TUNE_FOR_SUMS = `SELECT set_config('jit', 'off', true), set_config('work_mem', '64MB', true)`;

const COLUMNS = USAGE_COLUMN_NAMES.map((column) => `"stored".${column}`).join(', ');

/**
 * Adds up the stored spans in $2 and the rows in $3, of the provider $4 or, where that is null, of all, and of the caller $5
 * or, where that is empty, of all. $1 is where the steps begin, ascending: each span belongs to the last step that has begun.
 * The OFFSET keeps the planner from turning a few ranges of the key into a scan of the table. A provider has the name it has
 * now.
 */
export function sumUsage({
  by = ['providerId', 'model'],
  numbers = ALL_GROUPS,
}: Pick<StatisticsQuery, 'by' | 'numbers'>): string {
  const names = CUT_BY.map((name) => (by.includes(name) ? `"${name}"` : `max("${name}") AS "${name}"`));
  const keys = ['1', ...by.map((name) => `"${name}"`), '"currency"'];
  const wanted: readonly string[] = ['all', ...numbers];
  const sums = SUMS.filter(({ of }) => wanted.includes(of)).map(({ sql }) => sql);
  return `
  WITH "range" AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS "range"("grain" integer, "from" timestamptz, "to" timestamptz)
  ), "counted" AS (
    SELECT ${COLUMNS} FROM "range" CROSS JOIN LATERAL (
      SELECT * FROM "AIUsage" AS "usage"
       WHERE "usage"."grain" = "range"."grain" AND "usage"."caller" = $5::text
         AND "usage"."span" >= "range"."from" AND "usage"."span" < "range"."to" OFFSET 0) AS "stored"
    UNION ALL
    SELECT ${USAGE_COLUMN_NAMES.join(', ')} FROM jsonb_to_recordset($3::jsonb) AS "part"(${USAGE_RECORD})
     WHERE $5::text IN ('', "caller")
  ), "summed" AS (
    SELECT width_bucket("span", $1::timestamptz[]) AS "step", ${names.join(', ')}, "currency",
           max("providerName") AS "lastName", min("firstUsedAt") AS "firstUsedAt", max("lastUsedAt") AS "lastUsedAt",
           ${sums.join(', ')}
      FROM "counted" WHERE $4::text IS NULL OR "providerId" = $4::text
     GROUP BY ${keys.join(', ')}
  )
  SELECT "summed".*, coalesce("AIProvider"."name", "summed"."lastName") AS "providerName"
    FROM "summed" LEFT JOIN "AIProvider" ON "AIProvider"."id" = "summed"."providerId"
   ORDER BY "step", "providerId", "summed"."model", "summed"."operation", "summed"."currency"`;
}

/** A row of `sumUsage` as a cell; `step` is where its step begins. */
export function toCell(sum: UsageSum, step: Date): StatisticsCell {
  const { providerId, providerName, model, operation, currency, firstUsedAt, lastUsedAt } = sum;
  const cell: Partial<StatisticsCell> = {
    step,
    providerId,
    providerName,
    model,
    operation,
    currency: currency === '' ? null : currency,
    failedByOutcome: byOutcome(countsIn(sum.failures)),
    latencies: countsIn(sum.latencies),
    firstUsedAt,
    lastUsedAt,
  };
  // Property by property: `Object.fromEntries` and spreads cost ten times as much.
  for (const name of SUM_NAMES) cell[name] = sum[name] ?? 0;
  for (const name of AMOUNT_NAMES) cell[name] = (currency !== '' && sum[name]) || null;
  return cell as StatisticsCell;
}

/** Lists of counts added up place by place. PostgreSQL has no such aggregate: what a list does not reach is null, and skipped. */
function sumOfLists(column: string, length: number): string {
  const places = Array.from({ length }, (_, place) => `coalesce(sum("${column}"[${place + 1}]), 0)`);
  return `array_to_string(ARRAY[${places.join(', ')}], ' ') AS "${column}"`;
}

function countsIn(text: string | undefined): number[] {
  return text === undefined ? [] : text.split(' ').map(Number);
}

/** Only outcomes that happened. */
function byOutcome(failures: readonly number[]): Record<string, number> {
  const failed: Record<string, number> = {};
  for (const [place, times] of failures.entries()) {
    const outcome = COUNTED_OUTCOMES[place];
    if (times > 0 && outcome !== undefined) failed[outcome] = times;
  }
  return failed;
}
