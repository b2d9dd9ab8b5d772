import { countOf } from '../../accounting/plausible-count.js';
import type { AttemptRecord, RequestEvent } from '../../interfaces/request-event.interface.js';
import type { Bill } from '../../interfaces/usage.interface.js';
import { COUNTED_OUTCOMES } from './counted-outcome.js';
import { LATENCY_CLASSES } from './latency-histogram.js';

/** What of a request is counted. */
export type CountedRequest = Pick<
  RequestEvent,
  'caller' | 'operation' | 'streamed' | 'recovered' | 'cached' | 'attempts' | 'endedAt'
>;

/** What a request did at one of the providers that it reached. */
export interface ProviderShare {
  request: CountedRequest;
  /** At this provider, in their order. */
  tries: readonly AttemptRecord[];
  last: AttemptRecord;
  succeeded: boolean;
  /** Whether another provider had failed before. */
  hadFailedElsewhere: boolean;
}

/** Numbers that reports ask for together. Those `of: 'all'` are in every report. */
export type NumberGroup = 'outcomes' | 'tokens' | 'money' | 'latencies';

interface ShareColumn {
  of: NumberGroup | 'all';
  read: (share: ProviderShare) => number;
}

/** An operation, by default the only one that versions before this column had. */
export const DEFAULT_OPERATION = 'chat';

/** A caller's name beyond this many characters is cut: names come from host applications, and an index row is bounded. */
const LONGEST_CALLER = 200;

/**
 * The dimensions that identify a row of `AIUsage` besides its span. A new dimension is a line here, and a migration that adds the
 * column to the table and its key. `caller` is special: the row whose caller is empty adds up all callers, so that reports
 * over everybody read as many rows however many callers there are; named callers have rows of their own beside it.
 */
export const DIMENSIONS = {
  providerId: ({ providerId }) => providerId,
  model: ({ model }) => model,
  /** Empty where no price is known. */
  currency: (attempt, { cached }) => currencyOf(attempt, cached),
  operation: (_, { operation = DEFAULT_OPERATION }) => operation,
  caller: (_, { caller }) => caller?.slice(0, LONGEST_CALLER) ?? '',
} as const satisfies Record<string, (attempt: AttemptRecord, request: CountedRequest) => string>;

/** Counts of requests at a provider: once each, whatever the number of tries. A new one is a line here and a migration. */
export const REQUEST_COUNTERS = {
  successful: { of: 'all', read: ({ succeeded }) => Number(succeeded) },
  failed: { of: 'all', read: ({ succeeded }) => Number(!succeeded) },
  rescued: { of: 'all', read: (share) => Number(share.succeeded && isRescue(share)) },
  cached: { of: 'all', read: ({ request }) => Number(request.cached) },
  retried: { of: 'outcomes', read: ({ tries }) => Number(tries.length > 1) },
  fallbacks: { of: 'outcomes', read: ({ hadFailedElsewhere }) => Number(hadFailedElsewhere) },
  streamed: { of: 'outcomes', read: ({ request }) => Number(request.streamed) },
  recovered: { of: 'outcomes', read: ({ request, succeeded }) => Number(request.recovered && succeeded) },
  unknownUsage: { of: 'tokens', read: (share) => Number(isUsageUnknown(share)) },
  firstTokenCount: { of: 'latencies', read: (share) => Number(firstTokenOf(share) !== null) },
} as const satisfies Record<string, ShareColumn>;

/** Counts of tokens: of every try, what is not known adds nothing. */
export const TOKEN_COUNTERS = {
  promptTokens: ({ usage }) => countOf(usage.promptTokens),
  completionTokens: ({ usage }) => countOf(usage.completionTokens),
  cachedPromptTokens: ({ usage }) => countOf(usage.cachedPromptTokens),
  cacheWriteTokens: ({ usage }) => countOf(usage.cacheWriteTokens),
  reasoningTokens: ({ usage }) => countOf(usage.reasoningTokens),
} as const satisfies Record<string, (attempt: AttemptRecord) => number>;

/** Sums of milliseconds. An answer from the cache says nothing about how fast a vendor is. */
export const DURATIONS = {
  latencySum: { of: 'latencies', read: latencyOf },
  firstTokenSum: { of: 'latencies', read: (share) => firstTokenOf(share) ?? 0 },
} as const satisfies Record<string, ShareColumn>;

/** Sums of money: of every try, the part of its bill. */
export const AMOUNTS = {
  inputCost: 'input',
  cachedInputCost: 'cachedInput',
  cacheWriteCost: 'cacheWrite',
  outputCost: 'output',
} as const satisfies Record<string, Exclude<keyof Bill, 'total' | 'currency' | 'source'>>;

/** Lists of counts by class, and how many classes there are; a list that is shorter goes on with zeros. */
export const HISTOGRAMS = {
  failures: { of: 'outcomes', length: COUNTED_OUTCOMES.length },
  latencies: { of: 'latencies', length: LATENCY_CLASSES },
} as const satisfies Record<string, { of: NumberGroup; length: number }>;

export type Dimension = keyof typeof DIMENSIONS;
export type Counter = keyof typeof REQUEST_COUNTERS | keyof typeof TOKEN_COUNTERS;
export type Duration = keyof typeof DURATIONS;
export type Amount = keyof typeof AMOUNTS;
export type Histogram = keyof typeof HISTOGRAMS;

export const DIMENSION_NAMES = Object.keys(DIMENSIONS) as Dimension[];
export const COUNTER_NAMES = Object.keys({ ...REQUEST_COUNTERS, ...TOKEN_COUNTERS }) as Counter[];
export const DURATION_NAMES = Object.keys(DURATIONS) as Duration[];
export const AMOUNT_NAMES = Object.keys(AMOUNTS) as Amount[];
export const HISTOGRAM_NAMES = Object.keys(HISTOGRAMS) as Histogram[];

/** How long the provider took, in milliseconds; 0 for an answer from the cache. */
export function latencyOf({ request, tries }: ProviderShare): number {
  return request.cached ? 0 : tries.reduce((sum, { latency }) => sum + durationOf(latency), 0);
}

function firstTokenOf({ request, last }: ProviderShare): number | null {
  if (request.cached || !request.streamed || last.timeToFirstToken === null) return null;
  return durationOf(last.timeToFirstToken);
}

function isUsageUnknown({ request, last, succeeded }: ProviderShare): boolean {
  const { promptTokens, completionTokens } = last.usage;
  return succeeded && !request.cached && (promptTokens === null || completionTokens === null);
}

/** A stream that is recovered may have come back to the provider that failed first. */
function isRescue({ request, tries, last }: ProviderShare): boolean {
  const { attempts } = request;
  if (attempts.length === tries.length) return false;
  return attempts.some(({ providerId, outcome }) => providerId !== last.providerId && outcome !== 'success');
}

/** An answer has no price where its usage is not known; a failed try is billed what is known of it. */
function currencyOf({ outcome, pricing, cost }: AttemptRecord, isRepeated: boolean): string {
  const isUnknown = outcome === 'success' && !isRepeated && !cost;
  return pricing === null || isUnknown ? '' : pricing.currency;
}

/** The process's clock may be set back. */
function durationOf(ms: number): number {
  return Number.isFinite(ms) ? Math.max(0, ms) : 0;
}
