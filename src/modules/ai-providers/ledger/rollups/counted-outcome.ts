import type { CountedFault } from '../../resilience/fault-policy.js';

/** Place of each outcome in the stored `failures`: a new fault gets the next number, none ever changes. */
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
