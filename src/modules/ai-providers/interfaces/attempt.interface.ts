import type { TokenUsage } from './usage.interface.js';

/** Which deadline ran out. `gateway` is a vendor's own 504. */
export type TimeoutPhase = 'connect' | 'first_token' | 'idle' | 'attempt' | 'gateway';

/**
 * What went wrong in one try, as far as it decides what happens next. A closed set: every adapter maps its vendor's
 * errors into it, and the retry, fallback and breaker rules are a table over it.
 */
export type Fault =
  | 'connection'
  | 'server_error'
  | 'malformed'
  | 'truncated'
  | 'timeout'
  | 'rate_limited'
  | 'authentication'
  | 'model_not_found'
  | 'quota_exhausted'
  /** A limit of the account at the vendor that is reported otherwise than by a 429, or by one that no waiting helps. */
  | 'account_limit'
  | 'context_length'
  | 'content_filter'
  | 'invalid_request'
  | 'egress_refused'
  /** A restarted stream said something else than what the caller had already received. */
  | 'diverged'
  /** Our own code failed, and not the vendor. */
  | 'internal'
  | 'aborted';

/** Why a provider was not asked. */
export type SkipReason =
  | 'inactive'
  | 'circuit_open'
  | 'rate_limited'
  | 'cooldown'
  | 'at_capacity'
  | 'lacks_feature'
  | 'lacks_model'
  | 'key_unreadable';

/** Why a provider may not be asked now. */
export interface Refusal {
  reason: SkipReason;
  /** When it may be worth asking again, in milliseconds. */
  retryAfterMs?: number;
  /** With `lacks_feature`: what of the request it cannot serve, and why. */
  lack?: Lack;
}

/** Something a request asks for that a provider cannot express. */
export interface Lack {
  /** As the caller's API names it, with its place. */
  field: string;
  reason: string;
}

/** One line of the decision trail of a request. */
export interface Attempt {
  providerId: string;
  providerName: string;
  model: string;
  outcome: 'success' | 'skipped' | Fault;
  /** Milliseconds from the call until its outcome was known. */
  latency: number;
  /** The vendor's HTTP status, where it answered with one. */
  status?: number;
  /** Readable and free of secrets. */
  reason?: string;
  /** With `outcome: skipped`. */
  skipped?: SkipReason;
  /** With `skipped: lacks_feature`: the field that it cannot serve; `reason` says why. */
  field?: string;
  /** With `outcome: timeout`. */
  phase?: TimeoutPhase;
  /** What a failed try used, where the vendor reported it or content had been received. */
  usage?: TokenUsage;
}
