import type { Fault } from '../interfaces/attempt.interface.js';

/** What one fault of an upstream means for the request and for the provider's breaker. */
export interface FaultPolicy {
  /** Whether the same provider is tried again; `if_last_candidate`: only where no other candidate is left. */
  retrySame: 'yes' | 'no' | 'if_last_candidate';
  /** Whether the request goes on to another provider; where not, the vendor's reason goes to the caller. */
  tryNext: boolean;
  countsForBreaker: boolean;
}

/** How a caller's own doing, or a failure of our own code, ends a try: it counts neither for nor against the provider. */
const UNCOUNTED_FAULTS = [
  'invalid_request',
  'content_filter',
  'aborted',
  'internal',
] as const satisfies Fault[];

export type CountedFault = Exclude<Fault, (typeof UNCOUNTED_FAULTS)[number]>;

/** Whether a try that ended so counts against the provider, in statistics and health. */
export function isCountedFault(fault: Fault): fault is CountedFault {
  return !(UNCOUNTED_FAULTS as readonly Fault[]).includes(fault);
}

/**
 * The fault table of the contract. The phase of a `timeout` changes nothing in it: every silence is alike. How long to
 * wait, and the rows of 429, are `decideRetry`'s.
 *
 * `egress_refused` is not in the contract's table. Asking again would be refused again, another provider may have a
 * permitted address, and it says nothing about the vendor's health: an open circuit would only hide the true reason.
 * Nor is `diverged`: the vendor is well and answered, only otherwise than what the caller has had; another may agree. Nor
 * `internal`: our own code would fail again, and says nothing about the vendor; another vendor's converter may not fail.
 */
export function faultPolicy(fault: Fault): FaultPolicy {
  switch (fault) {
    case 'connection':
    case 'server_error':
    case 'malformed':
    case 'truncated':
      return { retrySame: 'yes', tryNext: true, countsForBreaker: true };
    case 'timeout':
      return { retrySame: 'if_last_candidate', tryNext: true, countsForBreaker: true };
    case 'rate_limited':
      return { retrySame: 'yes', tryNext: true, countsForBreaker: false };
    case 'authentication':
    case 'model_not_found':
    case 'quota_exhausted':
      return { retrySame: 'no', tryNext: true, countsForBreaker: true };
    case 'context_length':
    case 'account_limit':
    case 'internal':
    case 'egress_refused':
    case 'diverged':
      return { retrySame: 'no', tryNext: true, countsForBreaker: false };
    case 'content_filter':
    case 'invalid_request':
    case 'aborted':
      return { retrySame: 'no', tryNext: false, countsForBreaker: false };
  }
}
