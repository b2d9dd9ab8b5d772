import { describe, expect, it } from '@jest/globals';
import type { Fault } from '../interfaces/attempt.interface.js';
import { faultPolicy } from './fault-policy.js';

type Row = [same: 'yes' | 'no' | 'if_last_candidate', next: 'next' | 'stop', breaker: 'counts' | 'ignored'];

const TABLE: Record<Fault, Row> = {
  connection: ['yes', 'next', 'counts'],
  server_error: ['yes', 'next', 'counts'],
  malformed: ['yes', 'next', 'counts'],
  truncated: ['yes', 'next', 'counts'],
  timeout: ['if_last_candidate', 'next', 'counts'],
  rate_limited: ['yes', 'next', 'ignored'],
  authentication: ['no', 'next', 'counts'],
  model_not_found: ['no', 'next', 'counts'],
  quota_exhausted: ['no', 'next', 'counts'],
  context_length: ['no', 'next', 'ignored'],
  account_limit: ['no', 'next', 'ignored'],
  internal: ['no', 'next', 'ignored'],
  content_filter: ['no', 'stop', 'ignored'],
  invalid_request: ['no', 'stop', 'ignored'],
  egress_refused: ['no', 'next', 'ignored'],
  diverged: ['no', 'next', 'ignored'],
  aborted: ['no', 'stop', 'ignored'],
};

describe('faultPolicy', () => {
  it.each(Object.entries(TABLE) as [Fault, Row][])(
    '%s follows the contract',
    (fault, [same, next, breaker]) => {
      expect(faultPolicy(fault)).toEqual({
        retrySame: same,
        tryNext: next === 'next',
        countsForBreaker: breaker === 'counts',
      });
    },
  );
});
