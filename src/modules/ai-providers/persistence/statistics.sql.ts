import type { StatisticsCell, StatisticsQuery } from '../interfaces/statistics.interface.js';
import { LATENCY_CLASSES } from './latency-histogram.js';
import { COUNTED_OUTCOMES, USAGE_COLUMN_NAMES, USAGE_RECORD } from './usage-row.js';

const COUNTS = [
  'successful',
  'failed',
  'retried',
  'fallbacks',
  'streamed',
  'recovered',
  'cached',
  'unknownUsage',
  'firstTokenCount',
] as const;

const TOKENS = ['promptTokens', 'completionTokens', 'cachedPromptTokens', 'reasoningTokens'] as const;

const COSTS = ['inputCost', 'outputCost'] as const;

/** What `sumUsage` gives for one step, provider, model and currency. */
export type UsageSum = {
  step: Date;
  providerId: string;
  providerName: string;
  model: string;
  currency: string;
  /** Counts with commas between. */
  failures: string;
  latencies: string;
  latencySum: number;
  firstTokenSum: number;
  lastUsedAt: Date;
} & Record<(typeof COUNTS)[number], number> &
  Record<(typeof TOKENS)[number], bigint> &
  Record<(typeof COSTS)[number], string>;

/**
 * Place by place: an aggregate over whole lists would be made for every row anew. As one text, because the driver reads
 * lists a character at a time, which took longer than the query.
 */
function sumList(column: string, length: number): string {
  const places = Array.from({ length }, (_, index) => `sum("${column}"[${index + 1}])`);
  return `concat_ws(',', ${places.join(', ')}) AS "${column}"`;
}

const LATENCIES = sumList('latencies', LATENCY_CLASSES);
const NO_LATENCIES = `'' AS "latencies"`;

const SUMS = [
  ...COUNTS.map((column) => `sum("${column}")::float8 AS "${column}"`),
  ...TOKENS.map((column) => `sum("${column}")::bigint AS "${column}"`),
  ...COSTS.map((column) => `trim_scale(sum("${column}"))::text AS "${column}"`),
  sumList('failures', COUNTED_OUTCOMES.length),
  'sum("latencySum") AS "latencySum"',
  'sum("firstTokenSum") AS "firstTokenSum"',
  'max("lastUsedAt") AS "lastUsedAt"',
];

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
 * Adds up the stored spans in $1 and the rows in $2, of the provider $3 or, where that is null, of all. The OFFSET keeps
 * the planner from turning a few ranges of the key into a scan of the table. A provider has the name it has now.
 */
export function sumUsage({
  of = 'provider and model',
  withLatencies = true,
}: Pick<StatisticsQuery, 'of' | 'withLatencies'>): string {
  const keys = KEYS_OF[of];
  const others = ['"providerId"', '"model"'].filter((key) => !keys.includes(key));
  const names = [...keys, ...others.map((key) => `max(${key}) AS ${key}`)].join(', ');
  const sums = [...SUMS, withLatencies ? LATENCIES : NO_LATENCIES].join(', ');
  return `
  WITH "segment" AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb)
      AS "segment"("step" timestamptz, "grain" integer, "from" timestamptz, "to" timestamptz)
  ), "counted" AS (
    SELECT "segment"."step", ${COLUMNS} FROM "segment" CROSS JOIN LATERAL (
      SELECT * FROM "AIUsage" AS "usage"
       WHERE "usage"."grain" = "segment"."grain"
         AND "usage"."span" >= "segment"."from" AND "usage"."span" < "segment"."to" OFFSET 0) AS "stored"
    UNION ALL
    SELECT "span" AS "step", ${USAGE_COLUMN_NAMES.join(', ')}
      FROM jsonb_to_recordset($2::jsonb) AS "part"(${USAGE_RECORD})
  ), "summed" AS (
    SELECT "step", ${names}, "currency", max("providerName") AS "lastName", ${sums}
      FROM "counted" WHERE $3::text IS NULL OR "providerId" = $3::text
     GROUP BY ${['"step"', ...keys, '"currency"'].join(', ')}
  )
  SELECT "summed".*, coalesce("AIProvider"."name", "summed"."lastName") AS "providerName"
    FROM "summed" LEFT JOIN "AIProvider" ON "AIProvider"."id" = "summed"."providerId"
   ORDER BY "step", "providerId", "summed"."model", "summed"."currency"`;
}

/** A row of `sumUsage` in the words of the module. */
export function toCell(sum: UsageSum): StatisticsCell {
  const priced = sum.currency !== '';
  return {
    step: sum.step,
    providerId: sum.providerId,
    providerName: sum.providerName,
    model: sum.model,
    successful: sum.successful,
    failed: sum.failed,
    failedByOutcome: byOutcome(countsIn(sum.failures)),
    retried: sum.retried,
    fallbacks: sum.fallbacks,
    streamed: sum.streamed,
    recovered: sum.recovered,
    cached: sum.cached,
    promptTokens: sum.promptTokens,
    completionTokens: sum.completionTokens,
    cachedPromptTokens: sum.cachedPromptTokens,
    reasoningTokens: sum.reasoningTokens,
    unknownUsage: sum.unknownUsage,
    inputCost: priced ? sum.inputCost : null,
    outputCost: priced ? sum.outputCost : null,
    currency: priced ? sum.currency : null,
    latencySum: sum.latencySum,
    latencies: countsIn(sum.latencies),
    timeToFirstTokenSum: sum.firstTokenSum,
    timeToFirstTokenCount: sum.firstTokenCount,
    lastUsedAt: sum.lastUsedAt,
  };
}

function countsIn(text: string): number[] {
  return text === '' ? [] : text.split(',').map(Number);
}

/** Only outcomes that happened; a list stored before an outcome was known is shorter. */
function byOutcome(failures: readonly number[]): Record<string, number> {
  return Object.fromEntries(
    COUNTED_OUTCOMES.map((outcome, place) => [outcome, failures[place] ?? 0] as const).filter(
      ([, failed]) => failed > 0,
    ),
  );
}
