import { COUNTER_NAMES, DIMENSION_NAMES, HISTOGRAM_NAMES } from './usage-columns.js';
import { USAGE_COLUMN_NAMES, USAGE_RECORD } from './usage-row.js';

/** Of PostgreSQL's `bigint` and `integer`: a count that is full stays so, instead of refusing all that comes. */
const LARGEST_COUNT = '9223372036854775807';
const LARGEST_OF_CLASS = '2147483647';

const KEY = ['grain', 'span', ...DIMENSION_NAMES].map(quoted);
const COUNTERS = new Set(COUNTER_NAMES.map(quoted));
const HISTOGRAMS = new Set(HISTOGRAM_NAMES.map(quoted));

const MERGED = USAGE_COLUMN_NAMES.filter((column) => !KEY.includes(column)).map(
  (column) => `${column} = ${mergeOf(column)}`,
);

/** Adds the rows in $1 to `AIUsage`; sorted, so that no two statements that store lock each other out. */
export const ADD_USAGE = `
  INSERT INTO "AIUsage" AS "known" (${USAGE_COLUMN_NAMES.join(', ')})
  SELECT ${USAGE_COLUMN_NAMES.join(', ')} FROM jsonb_to_recordset($1::jsonb) AS "usage"(${USAGE_RECORD})
   ORDER BY ${KEY.join(', ')}
  ON CONFLICT (${KEY.join(', ')}) DO UPDATE SET ${MERGED.join(', ')}`;

/** What a column is where the row is there already. */
function mergeOf(column: string): string {
  const [known, more] = [`"known".${column}`, `EXCLUDED.${column}`];
  if (column === '"providerName"') return more;
  if (column === '"firstUsedAt"') return `least(${known}, ${more})`;
  if (column === '"lastUsedAt"') return `greatest(${known}, ${more})`;
  if (COUNTERS.has(column)) return `least(${known}::numeric + ${more}, ${LARGEST_COUNT})::bigint`;
  if (!HISTOGRAMS.has(column)) return `${known} + ${more}`;
  return `CASE WHEN ${more} = '{}' THEN ${known} ELSE ARRAY(
      SELECT least(coalesce("left", 0)::bigint + coalesce("right", 0), ${LARGEST_OF_CLASS})::integer
        FROM unnest(${known}, ${more}) WITH ORDINALITY AS "pair"("left", "right", "place") ORDER BY "place") END`;
}

function quoted(name: string): string {
  return `"${name}"`;
}
