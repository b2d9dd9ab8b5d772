import type {
  PerformanceNumbers,
  RequestCounts,
  RequestNumbers,
  UsageNumbers,
} from '../interfaces/monitoring/statistics-report.interface.js';
import {
  averageLatencyOf,
  percentilesOf,
  percentOf,
  requestsOf,
  timeToFirstTokenOf,
  tokensOf,
  trafficTimeOf,
  type Aggregate,
} from './statistics-aggregate.js';

const MINUTE_MS = 60_000;

// A report has thousands of rows, and V8 takes some 15 µs for a literal that begins with a spread: hence `Object.assign`.

export function usageRow(aggregate: Aggregate): UsageNumbers {
  return Object.assign(countsOf(aggregate), {
    promptTokens: aggregate.promptTokens,
    completionTokens: aggregate.completionTokens,
    totalTokens: tokensOf(aggregate),
    cachedPromptTokens: aggregate.cachedPromptTokens,
    cacheWriteTokens: aggregate.cacheWriteTokens,
    reasoningTokens: aggregate.reasoningTokens,
    unknownUsageRequests: aggregate.unknownUsage,
  });
}

export function performanceRow(aggregate: Aggregate): PerformanceNumbers {
  const requests = requestsOf(aggregate);
  const minutes = Math.max(1, trafficTimeOf(aggregate) / MINUTE_MS);
  return {
    totalRequests: requests,
    averageLatency: averageLatencyOf(aggregate),
    latency: percentilesOf(aggregate),
    timeToFirstToken: timeToFirstTokenOf(aggregate),
    successRate: percentOf(aggregate.successful, requests),
    errorRate: percentOf(aggregate.failed, requests),
    throughput: {
      requestsPerMinute: rounded(requests / minutes),
      tokensPerMinute: rounded(tokensOf(aggregate) / minutes),
    },
  };
}

export function requestRow(aggregate: Aggregate): RequestNumbers {
  return Object.assign(countsOf(aggregate), {
    failuresByOutcome: { ...aggregate.failedByOutcome },
    retriedRequests: aggregate.retried,
    fallbackRequests: aggregate.fallbacks,
    streamedRequests: aggregate.streamed,
    recoveredRequests: aggregate.recovered,
  });
}

function countsOf(aggregate: Aggregate): RequestCounts {
  return {
    totalRequests: requestsOf(aggregate),
    successfulRequests: aggregate.successful,
    failedRequests: aggregate.failed,
    cachedRequests: aggregate.cached,
  };
}

/** To hundredths: more digits would claim what an average over minutes does not know. */
function rounded(rate: number): number {
  return Math.round(rate * 100) / 100;
}
