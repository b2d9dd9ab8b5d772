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
  type Tally,
} from './statistics-tally.js';

const MINUTE_MS = 60_000;

// A report has thousands of rows, and V8 takes some 15 µs for a literal that begins with a spread: hence `Object.assign`.

export function usageRow(tally: Tally): UsageNumbers {
  return Object.assign(countsOf(tally), {
    promptTokens: tally.promptTokens,
    completionTokens: tally.completionTokens,
    totalTokens: tokensOf(tally),
    cachedPromptTokens: tally.cachedPromptTokens,
    cacheWriteTokens: tally.cacheWriteTokens,
    reasoningTokens: tally.reasoningTokens,
    unknownUsageRequests: tally.unknownUsage,
  });
}

export function performanceRow(tally: Tally): PerformanceNumbers {
  const requests = requestsOf(tally);
  const minutes = Math.max(1, trafficTimeOf(tally) / MINUTE_MS);
  return {
    totalRequests: requests,
    averageLatency: averageLatencyOf(tally),
    latency: percentilesOf(tally),
    timeToFirstToken: timeToFirstTokenOf(tally),
    successRate: percentOf(tally.successful, requests),
    errorRate: percentOf(tally.failed, requests),
    throughput: {
      requestsPerMinute: rounded(requests / minutes),
      tokensPerMinute: rounded(tokensOf(tally) / minutes),
    },
  };
}

export function requestRow(tally: Tally): RequestNumbers {
  return Object.assign(countsOf(tally), {
    failuresByOutcome: { ...tally.failedByOutcome },
    retriedRequests: tally.retried,
    fallbackRequests: tally.fallbacks,
    streamedRequests: tally.streamed,
    recoveredRequests: tally.recovered,
  });
}

function countsOf(tally: Tally): RequestCounts {
  return {
    totalRequests: requestsOf(tally),
    successfulRequests: tally.successful,
    failedRequests: tally.failed,
    cachedRequests: tally.cached,
  };
}

/** To hundredths: more digits would claim what an average over minutes does not know. */
function rounded(rate: number): number {
  return Math.round(rate * 100) / 100;
}
