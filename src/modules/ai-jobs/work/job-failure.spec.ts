import { describe, expect, it } from '@jest/globals';
import { UnrecoverableError } from 'bullmq';
import { AIError } from '../../ai-providers/errors/ai.error.js';
import { jobRetryDelay, toJobFailure } from './job-failure.js';

describe('toJobFailure', () => {
  it.each(['NO_PROVIDER_AVAILABLE', 'RATE_LIMITED', 'OVERLOADED'] as const)('tries %s again', (code) => {
    const failure = toJobFailure(new AIError(code, 'Later', { retryAfterMs: 42_000 }), 'r1');
    expect(failure).not.toBeInstanceOf(UnrecoverableError);
    expect(JSON.parse(failure.message)).toMatchObject({ code, message: 'Later', requestId: 'r1' });
    expect(jobRetryDelay(1, failure)).toBe(42_000);
  });

  it.each(['ALL_PROVIDERS_FAILED', 'UPSTREAM_REJECTED_REQUEST', 'DEADLINE_EXCEEDED', 'INTERNAL'] as const)(
    'leaves %s as it is: the pipeline has done what can be done',
    (code) => {
      const failure = toJobFailure(new AIError(code, 'No'), 'r1');
      expect(failure).toBeInstanceOf(UnrecoverableError);
      expect(JSON.parse(failure.message)).toMatchObject({ code, requestId: 'r1' });
    },
  );
});

describe('jobRetryDelay', () => {
  it('doubles from 5 s, up to 5 minutes', () => {
    const delays = [1, 2, 3, 6, 7, 9].map((failed) => jobRetryDelay(failed, new Error('x')));
    expect(delays).toEqual([5_000, 10_000, 20_000, 160_000, 300_000, 300_000]);
  });
});
