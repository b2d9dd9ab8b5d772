import {
  AMOUNT_NAMES,
  COUNTER_NAMES,
  DIMENSION_NAMES,
  DURATION_NAMES,
  HISTOGRAM_NAMES,
  type Amount,
  type Counter,
  type Dimension,
  type Duration,
  type Histogram,
} from './usage-columns.js';

/** Lengths of the stored spans, in minutes. */
export const GRAINS = [1, 60, 1440] as const;

export const MINUTE_MS = 60_000;

/** What is added to a row of `AIUsage`, or stands for one. Money is exact decimal text. */
export interface UsageRow
  extends
    Record<Dimension, string>,
    Record<Counter | Duration, number>,
    Record<Amount, string>,
    Record<Histogram, readonly number[]> {
  grain: number;
  /** ISO 8601. */
  span: string;
  providerName: string;
  /** ISO 8601. */
  firstUsedAt: string;
  /** ISO 8601. */
  lastUsedAt: string;
}

/** The fields that identify a row. */
export type UsageKey = Pick<UsageRow, 'grain' | 'span' | Dimension>;

export const SUM_NAMES: readonly (Counter | Duration)[] = [...COUNTER_NAMES, ...DURATION_NAMES];

/** The columns of `AIUsage` and their types, as SQL reads them from JSON. */
export const USAGE_COLUMNS = {
  grain: 'integer',
  span: 'timestamptz',
  ...typed(DIMENSION_NAMES, 'text'),
  providerName: 'text',
  ...typed(COUNTER_NAMES, 'bigint'),
  ...typed(HISTOGRAM_NAMES, 'integer[]'),
  ...typed(AMOUNT_NAMES, 'numeric'),
  ...typed(DURATION_NAMES, 'double precision'),
  firstUsedAt: 'timestamptz',
  lastUsedAt: 'timestamptz',
} satisfies Record<keyof UsageRow, string>;

export const USAGE_COLUMN_NAMES = Object.keys(USAGE_COLUMNS).map((name) => `"${name}"`);

/** The column list by which SQL reads JSON as such rows. */
export const USAGE_RECORD = Object.entries(USAGE_COLUMNS)
  .map(([name, type]) => `"${name}" ${type}`)
  .join(', ');

/** A row of nothing, to be counted into. */
export function emptyUsage(key: UsageKey): UsageRow {
  return {
    ...key,
    providerName: '',
    ...filled(SUM_NAMES, 0),
    ...filled(AMOUNT_NAMES, '0'),
    ...filled(HISTOGRAM_NAMES, [] as readonly number[]),
    firstUsedAt: '',
    lastUsedAt: '',
  };
}

function typed<Name extends string>(names: readonly Name[], type: string): Record<Name, string> {
  return filled(names, type);
}

function filled<Name extends string, Value>(names: readonly Name[], value: Value): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, value])) as Record<Name, Value>;
}
