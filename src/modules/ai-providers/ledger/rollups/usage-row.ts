import type { CountedFault } from '../../resilience/fault-policy.js';

/** Place of each outcome in `failures`. Stored: a new fault gets the next number, none ever changes. */
const PLACES: Readonly<Record<CountedFault, number>> = {
  connection: 0,
  server_error: 1,
  malformed: 2,
  truncated: 3,
  timeout: 4,
  rate_limited: 5,
  authentication: 6,
  model_not_found: 7,
  quota_exhausted: 8,
  context_length: 9,
  egress_refused: 10,
  diverged: 11,
  account_limit: 12,
};

const PLACE_OF = new Map<string, number>(Object.entries(PLACES));

/** The outcomes that count as failures, in the order of the stored counts. */
export const COUNTED_OUTCOMES: readonly string[] = Object.keys(PLACES);

/** Where failures by `outcome` are counted; undefined for a success and for what counts as neither. */
export function failurePlace(outcome: string): number | undefined {
  return PLACE_OF.get(outcome);
}

/** Lengths of the stored spans, in minutes. */
export const GRAINS = [1, 60, 1440] as const;

export const MINUTE_MS = 60_000;

/** What is added to a row of `AIUsage`, or stands for one. Money is exact decimal text, lists of counts are packed. */
export interface UsageRow {
  grain: number;
  /** ISO 8601. */
  span: string;
  providerId: string;
  providerName: string;
  model: string;
  /** Empty where nobody named a price. */
  currency: string;
  successful: number;
  failed: number;
  failures: string;
  retried: number;
  fallbacks: number;
  streamed: number;
  recovered: number;
  rescued: number;
  cached: number;
  promptTokens: number;
  completionTokens: number;
  cachedPromptTokens: number;
  cacheWriteTokens: number;
  reasoningTokens: number;
  unknownUsage: number;
  inputCost: string;
  cachedInputCost: string;
  cacheWriteCost: string;
  outputCost: string;
  latencySum: number;
  latencies: string;
  firstTokenSum: number;
  firstTokenCount: number;
  /** ISO 8601. */
  firstUsedAt: string;
  /** ISO 8601. */
  lastUsedAt: string;
}

/** The columns of `AIUsage` and their types, as SQL reads them from JSON. */
export const USAGE_COLUMNS = {
  grain: 'integer',
  span: 'timestamptz',
  providerId: 'text',
  model: 'text',
  currency: 'text',
  providerName: 'text',
  successful: 'bigint',
  failed: 'bigint',
  failures: 'numeric',
  retried: 'bigint',
  fallbacks: 'bigint',
  streamed: 'bigint',
  recovered: 'bigint',
  rescued: 'bigint',
  cached: 'bigint',
  promptTokens: 'bigint',
  completionTokens: 'bigint',
  cachedPromptTokens: 'bigint',
  cacheWriteTokens: 'bigint',
  reasoningTokens: 'bigint',
  unknownUsage: 'bigint',
  inputCost: 'numeric',
  cachedInputCost: 'numeric',
  cacheWriteCost: 'numeric',
  outputCost: 'numeric',
  latencySum: 'double precision',
  latencies: 'numeric',
  firstTokenSum: 'double precision',
  firstTokenCount: 'bigint',
  firstUsedAt: 'timestamptz',
  lastUsedAt: 'timestamptz',
} as const satisfies Record<keyof UsageRow, string>;

export const USAGE_COLUMN_NAMES = Object.keys(USAGE_COLUMNS).map((name) => `"${name}"`);

/** How SQL is told to read JSON as such rows. */
export const USAGE_RECORD = Object.entries(USAGE_COLUMNS)
  .map(([name, type]) => `"${name}" ${type}`)
  .join(', ');

/** A row of nothing, to be counted into. */
export function emptyUsage(
  key: Pick<UsageRow, 'grain' | 'span' | 'providerId' | 'model' | 'currency'>,
): UsageRow {
  return {
    ...key,
    providerName: '',
    successful: 0,
    failed: 0,
    failures: '0',
    retried: 0,
    fallbacks: 0,
    streamed: 0,
    recovered: 0,
    rescued: 0,
    cached: 0,
    promptTokens: 0,
    completionTokens: 0,
    cachedPromptTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    unknownUsage: 0,
    inputCost: '0',
    cachedInputCost: '0',
    cacheWriteCost: '0',
    outputCost: '0',
    latencySum: 0,
    latencies: '0',
    firstTokenSum: 0,
    firstTokenCount: 0,
    firstUsedAt: '',
    lastUsedAt: '',
  };
}
