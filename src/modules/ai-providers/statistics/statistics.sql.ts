import type {
  CellNumbers,
  StatisticsCell,
  StatisticsQuery,
} from '../interfaces/monitoring/statistics.interface.js';
import { unpackCounts } from '../ledger/rollups/packed-counts.js';
import {
  COUNTED_OUTCOMES,
  USAGE_COLUMN_NAMES,
  USAGE_RECORD,
  type UsageRow,
} from '../ledger/rollups/usage-row.js';

/** What `sumUsage` gives for one step, provider, model and currency: of the numbers only those that were asked for. */
export interface UsageSum extends Partial<Record<Count | Amount, number> & Record<Money | Counts, string>> {
  /** Number of the step, from 1. */
  step: number;
  providerId: string;
  providerName: string;
  model: string;
  currency: string;
  firstUsedAt: Date;
  lastUsedAt: Date;
}

type Column = keyof UsageRow;
type Counts = 'failures' | 'latencies';
type Money = 'inputCost' | 'cachedInputCost' | 'cacheWriteCost' | 'outputCost';
type Amount = 'latencySum' | 'firstTokenSum';
type Count = Exclude<
  Column,
  | Counts
  | Money
  | Amount
  | 'grain'
  | 'span'
  | 'providerId'
  | 'providerName'
  | 'model'
  | 'currency'
  | 'firstUsedAt'
  | 'lastUsedAt'
>;

/** A count is exact as a double: there will never be 2^53 tokens. */
const count = (column: Count): string => `sum("${column}")::float8 AS "${column}"`;
const amount = (column: Amount): string => `sum("${column}") AS "${column}"`;
const money = (column: Money): string => `trim_scale(sum("${column}"))::text AS "${column}"`;

const counts = (column: Counts): string => `sum("${column}")::text AS "${column}"`;

const ALWAYS = [
  count('successful'),
  count('failed'),
  count('rescued'),
  count('cached'),
  'min("firstUsedAt") AS "firstUsedAt"',
  'max("lastUsedAt") AS "lastUsedAt"',
];

const SUMS: Readonly<Record<CellNumbers, readonly string[]>> = {
  courses: [count('retried'), count('fallbacks'), count('streamed'), count('recovered'), counts('failures')],
  tokens: [
    count('promptTokens'),
    count('completionTokens'),
    count('cachedPromptTokens'),
    count('cacheWriteTokens'),
    count('reasoningTokens'),
    count('unknownUsage'),
  ],
  money: [money('inputCost'), money('cachedInputCost'), money('cacheWriteCost'), money('outputCost')],
  latencies: [amount('latencySum'), amount('firstTokenSum'), count('firstTokenCount'), counts('latencies')],
};

const ALL_NUMBERS = Object.keys(SUMS) as CellNumbers[];

/**
 * For one transaction: compiling the sums would take PostgreSQL longer than running it does, and with the usual 4 MB
 * it would sort a year of hours on disk instead of adding them up in memory.
 */
export const TUNE_FOR_SUMS = `SELECT set_config('jit', 'off', true), set_config('work_mem', '64MB', true)`;

const COLUMNS = USAGE_COLUMN_NAMES.map((column) => `"stored".${column}`).join(', ');

const KEYS_OF: Readonly<Record<NonNullable<StatisticsQuery['of']>, readonly string[]>> = {
  'provider and model': ['"providerId"', '"model"'],
  provider: ['"providerId"'],
  model: ['"model"'],
  all: [],
};

/**
 * Adds up the stored spans in $2 and the rows in $3, of the provider $4 or, where that is null, of all. $1 is where the
 * steps begin, ascending: each span belongs to the last step that has begun. The OFFSET keeps the planner from turning a
 * few ranges of the key into a scan of the table. A provider has the name it has now.
 */
export function sumUsage({
  of = 'provider and model',
  numbers = ALL_NUMBERS,
}: Pick<StatisticsQuery, 'of' | 'numbers'>): string {
  const keys = KEYS_OF[of];
  const others = ['"providerId"', '"model"'].filter((key) => !keys.includes(key));
  const names = [...keys, ...others.map((key) => `max(${key}) AS ${key}`)].join(', ');
  const sums = [...ALWAYS, ...numbers.flatMap((wanted) => SUMS[wanted])].join(', ');
  return `
  WITH "range" AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS "range"("grain" integer, "from" timestamptz, "to" timestamptz)
  ), "counted" AS (
    SELECT ${COLUMNS} FROM "range" CROSS JOIN LATERAL (
      SELECT * FROM "AIUsage" AS "usage"
       WHERE "usage"."grain" = "range"."grain"
         AND "usage"."span" >= "range"."from" AND "usage"."span" < "range"."to" OFFSET 0) AS "stored"
    UNION ALL
    SELECT ${USAGE_COLUMN_NAMES.join(', ')} FROM jsonb_to_recordset($3::jsonb) AS "part"(${USAGE_RECORD})
  ), "summed" AS (
    SELECT width_bucket("span", $1::timestamptz[]) AS "step", ${names}, "currency",
           max("providerName") AS "lastName", ${sums}
      FROM "counted" WHERE $4::text IS NULL OR "providerId" = $4::text
     GROUP BY ${['1', ...keys, '"currency"'].join(', ')}
  )
  SELECT "summed".*, coalesce("AIProvider"."name", "summed"."lastName") AS "providerName"
    FROM "summed" LEFT JOIN "AIProvider" ON "AIProvider"."id" = "summed"."providerId"
   ORDER BY "step", "providerId", "summed"."model", "summed"."currency"`;
}

/** A row of `sumUsage` in the words of the module; `step` is where its step begins. */
export function toCell(sum: UsageSum, step: Date): StatisticsCell {
  return {
    step,
    providerId: sum.providerId,
    providerName: sum.providerName,
    model: sum.model,
    successful: sum.successful ?? 0,
    failed: sum.failed ?? 0,
    failedByOutcome: byOutcome(unpackCounts(sum.failures ?? '')),
    retried: sum.retried ?? 0,
    fallbacks: sum.fallbacks ?? 0,
    streamed: sum.streamed ?? 0,
    recovered: sum.recovered ?? 0,
    rescued: sum.rescued ?? 0,
    cached: sum.cached ?? 0,
    promptTokens: sum.promptTokens ?? 0,
    completionTokens: sum.completionTokens ?? 0,
    cachedPromptTokens: sum.cachedPromptTokens ?? 0,
    cacheWriteTokens: sum.cacheWriteTokens ?? 0,
    reasoningTokens: sum.reasoningTokens ?? 0,
    unknownUsage: sum.unknownUsage ?? 0,
    ...moneyIn(sum),
    latencySum: sum.latencySum ?? 0,
    latencies: unpackCounts(sum.latencies ?? ''),
    timeToFirstTokenSum: sum.firstTokenSum ?? 0,
    timeToFirstTokenCount: sum.firstTokenCount ?? 0,
    firstUsedAt: sum.firstUsedAt,
    lastUsedAt: sum.lastUsedAt,
  };
}

function moneyIn(sum: UsageSum): Pick<StatisticsCell, Money | 'currency'> {
  const isKnown = sum.currency !== '';
  return {
    currency: isKnown ? sum.currency : null,
    inputCost: (isKnown && sum.inputCost) || null,
    cachedInputCost: (isKnown && sum.cachedInputCost) || null,
    cacheWriteCost: (isKnown && sum.cacheWriteCost) || null,
    outputCost: (isKnown && sum.outputCost) || null,
  };
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
