import { describe, expect, it } from '@jest/globals';
import type { LastOutcomes } from '../interfaces/monitoring/provider-probe.interface.js';
import { latestOutcomes, NO_OUTCOMES } from './last-outcomes.js';

const outcomes = (successAt: number | null, failedAt: number | null, message = ''): LastOutcomes => ({
  successAt,
  failure: failedAt === null ? null : { at: failedAt, message },
});

describe('latestOutcomes', () => {
  it('takes of success and failure each the later, whoever saw it', () => {
    const [probes, traffic] = [outcomes(100, 300, 'probed'), outcomes(200, 250, 'asked')];
    const latest = outcomes(200, 300, 'probed');
    expect(latestOutcomes(probes, traffic)).toEqual(latest);
    expect(latestOutcomes(traffic, probes)).toEqual(latest);
  });

  it('takes what only one has seen', () => {
    expect(latestOutcomes(outcomes(null, 5, 'asked'), outcomes(7, null))).toEqual(outcomes(7, 5, 'asked'));
    expect(latestOutcomes(outcomes(7, null), outcomes(null, 5, 'asked'))).toEqual(outcomes(7, 5, 'asked'));
    expect(latestOutcomes(NO_OUTCOMES, NO_OUTCOMES)).toEqual(NO_OUTCOMES);
  });
});
